"""The credentials broker: short-lived AWS credentials for one grant, cut to what its plan needs.

scope(plan) → its types and regions, kept with the decision
role(workspace) + session_policy(scope) → STS AssumeRole → credentials, which are kept nowhere
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from infragod.errors import InputError


class Refusal(StrEnum):
    """Why there are no credentials: one word for programs."""

    ROLE = "role"  # none is set for this workspace, or more than one
    SCOPE = "scope"  # the plan holds nothing of AWS, or something that no policy can be cut to
    REGION = "region"
    SIZE = "size"  # the policy does not fit into a session
    AWS = "aws"  # STS said no


class BrokerRefusedError(InputError):
    """There are no credentials: one sentence, and the reason for programs."""

    def __init__(self, reason: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Credentials:
    """What STS gave; shown to the holder of the grant, and to nobody else."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: datetime

    def document(self) -> dict[str, Any]:
        """What the setting `credential_process` of AWS's tools reads."""
        return {
            "Version": 1,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": self.expires_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
