Feature: rules

  # A step that fails ends its scenario, so that each question is a scenario of its own.

  Scenario: tags are told
    Given I have resource that supports tags_all defined
    Then it must contain tags_all

  Scenario Outline: tags are there
    Given I have resource that supports tags_all defined
    Then it must contain tags_all
    Then it must contain <key>
    And its value must match the "^.+$" regex

    Examples:
      | key         |
      | team        |
      | service     |
      | environment |

  Scenario: type is told
    Given I have aws_instance defined
    Then it must contain instance_type

  Scenario: type is allowed
    Given I have aws_instance defined
    When it has instance_type
    Then it must contain instance_type
    And its value must match the "^(t3|m7g)[.]" regex

  Scenario Outline: region
    Given I have <kind> defined
    Then it must contain availability_zone
    And its value must match the "^us-east-1[a-z]$" regex

    Examples:
      | kind           |
      | aws_instance   |
      | aws_ebs_volume |

  Scenario: encryption is told
    Given I have aws_ebs_volume defined
    Then it must contain encrypted

  Scenario: encryption is on
    Given I have aws_ebs_volume defined
    When it has encrypted
    Then it must contain encrypted
    And its value must be true
