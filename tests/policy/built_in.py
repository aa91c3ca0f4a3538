"""How many rules come with InfraGod, and how many of them are on without any setting."""

from __future__ import annotations

from infragod.policy import header, rules

ALL = len(rules.built_in())
ON = sum(header.parse(text, name).enabled for name, text in rules.built_in().items())
