"""People, teams, services, cost centres, and the rules by which money finds its owner."""
