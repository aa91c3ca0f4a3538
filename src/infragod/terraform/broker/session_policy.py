"""The session policy of a grant: what its plan needs in its regions, and nothing else.

The role's own policies still bound it: a session may do what both allow. Too large, it is made smaller in this order,
which never widens what is allowed and never drops what is denied:

1. the services that the plan changes, and reading in all of its services;
2. without reading in services where nothing changes: the apply of a plan file reads nothing there;
3. refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from infragod.terraform.broker import BrokerRefusedError, Refusal, services
from infragod.terraform.broker.roles import Role
from infragod.terraform.broker.services import Part

LARGEST: Final = 2048
"""Characters that STS takes as an inline session policy."""
_ESCAPES: Final = frozenset({"sts:Assume*", "sts:GetFederationToken"})
_ALWAYS: Final = frozenset({"sts:GetCallerIdentity"})

Scope = Mapping[str, Any]
Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a plan needs of AWS."""

    changed: frozenset[Part]
    read: frozenset[Part]
    regions: tuple[str, ...]


def policies(scope: Scope | None, role: Role, types: Mapping[str, str]) -> list[str]:
    """The policies for a plan of that scope that fit, the preferred one first; refused if there is none."""
    needs = _needs(scope, role, types)
    read_only = needs.read - needs.changed
    smaller = Needs(needs.changed, frozenset(), needs.regions)
    made = [compact(policy(each, role)) for each in ([needs, smaller] if read_only and needs.changed else [needs])]
    fitting = [text for text in made if len(text) <= LARGEST]
    if not fitting:
        raise BrokerRefusedError(
            Refusal.SIZE,
            f"the session policy of this plan has {len(made[-1]):,} characters, and AWS takes {LARGEST:,}; split the "
            "plan into parts that touch fewer services, by -target or by workspaces",
        )
    return fitting


def policy(needs: Needs, role: Role) -> dict[str, Any]:
    """The policy document."""
    return {"Version": "2012-10-17", "Statement": [s for s in _statements(needs, role) if s]}


def compact(document: Mapping[str, Any]) -> str:
    """The document without a space."""
    return json.dumps(document, separators=(",", ":"))


def _needs(scope: Scope | None, role: Role, types: Mapping[str, str]) -> Needs:
    if scope is None:
        raise BrokerRefusedError(Refusal.SCOPE, "the plan holds nothing of AWS, so no credentials come of it")
    changed = _parts(scope["changed"], types)
    needs = Needs(changed, _parts(scope["read"], types) | changed, _regions(scope, role))
    if not needs.regions and not all(part.world for part in needs.read):
        raise BrokerRefusedError(
            Refusal.REGION,
            "the plan tells no region; set it in the provider's configuration, or in the role's table",
        )
    return needs


def _parts(kinds: Iterable[str], types: Mapping[str, str]) -> frozenset[Part]:
    found = {kind: services.of(kind, types) for kind in kinds}
    for kind, part in found.items():
        if part is None:
            raise BrokerRefusedError(
                Refusal.SCOPE,
                f"no AWS service is known for {kind}, so no policy can be cut to it; an operator names it in "
                f'[broker.types] of the server\'s settings: {kind} = "SERVICE"',
            )
    return frozenset(part for part in found.values() if part and part.service != services.NO_SERVICE)


def _regions(scope: Scope, role: Role) -> tuple[str, ...]:
    """Those of the plan; where it does not tell all of them, those that the role is set for."""
    found = set(scope["regions"])
    if scope["unplaced"] and not role.regions:
        raise BrokerRefusedError(
            Refusal.REGION,
            f"the plan does not tell the region of {', '.join(scope['unplaced'])}; set region in the provider's "
            f"configuration, or regions in [broker.roles.{role.name}]",
        )
    if role.regions and (odd := sorted(found - set(role.regions))):
        raise BrokerRefusedError(
            Refusal.REGION, f"the plan is in {odd[0]}, and role {role.name} is for {', '.join(role.regions)} alone"
        )
    return tuple(sorted(set(role.regions) if scope["unplaced"] else found))


def _statements(needs: Needs, role: Role) -> Iterator[Statement]:
    regional, world = set[str](), set(_ALWAYS)
    for part in needs.read | needs.changed:
        actions = part.actions(part.read) | (part.actions(part.write) if part in needs.changed else set())
        (world if part.world else regional).update(actions)
        world |= part.actions(part.everywhere)
    if regional:
        yield _allow(regional, {"StringEquals": {"aws:RequestedRegion": _one(needs.regions)}})
    yield _allow(world - regional)
    yield from _roles(needs, role)
    for also in role.also:
        yield {"Effect": "Allow", "Action": _one(also.actions), "Resource": _one(also.resources)}
    yield {"Effect": "Deny", "Action": sorted(_denied(needs)), "Resource": "*"}


def _roles(needs: Needs, role: Role) -> Iterator[Statement]:
    """Leave to pass roles to the services that are changed, and to have service-linked ones made."""
    passed = sorted({principal for part in needs.changed for principal in part.passes})
    roles = f"arn:{role.partition}:iam::{role.account}:role/"
    if passed:
        yield {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": f"{roles}*",
            "Condition": {"StringEquals": {"iam:PassedToService": _one(passed)}},
        }
    if any(part.linked for part in needs.changed):
        yield {
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": f"{roles}aws-service-role/*",
        }


def _denied(needs: Needs) -> set[str]:
    """Ways out of the session: other roles, and identities that outlive it, unless the plan changes just that."""
    wanted = [action for part in needs.changed for action in part.actions(part.write)]
    guarded = {action for part in services.parts().values() for action in part.actions(part.guard)}
    return {*_ESCAPES} | {action for action in guarded if not any(fnmatchcase(action, pattern) for pattern in wanted)}


def _allow(actions: Iterable[str], condition: Statement | None = None) -> Statement:
    statement: Statement = {"Effect": "Allow", "Action": _one(_merged(actions)), "Resource": "*"}
    return statement | ({"Condition": condition} if condition else {})


def _merged(actions: Iterable[str]) -> list[str]:
    """Without those that another one holds."""
    found = set(actions)
    return sorted(a for a in found if not any(b != a and fnmatchcase(a, b) for b in found))


def _one(texts: Sequence[str]) -> str | list[str]:
    """A list of one is written as that one."""
    return texts[0] if len(texts) == 1 else list(texts)
