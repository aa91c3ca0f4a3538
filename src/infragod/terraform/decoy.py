"""What is served in place of a state that the asker may not have.

From 1.15 on Terraform fetches the state once before it locks, and gives up where that is refused. So an apply token is
answered a state of nobody's. Terraform can read it, but neither plan nor apply on it, with no option (measured with
`-target`, `-refresh=false`, `-refresh-only`, `-destroy` and `-replace`): its one object belongs to a configuration of a
provider that no configuration has, since its name is new each time, and its lineage makes every saved plan stale. What
the user reads are these names.
"""

from __future__ import annotations

import json
import secrets
from typing import Final

LINEAGE: Final = "infragod-serves-no-state-without-the-lock-of-an-apply"
OBJECT: Final = "infragod_serves_this_token_no_state_without_its_apply_lock"
SENTENCE: Final = (
    "InfraGod serves the state to a token that may apply only under the lock of its own apply: leave -lock=false out, "
    "and use a token with the scope state to plan or to read"
)


def decoy() -> bytes:
    """A new one."""
    alias = f"infragod_refuses_{secrets.token_hex(4)}"
    document = {
        "version": 4,
        "terraform_version": "1.0.0",
        "serial": 9_007_199_254_740_991,
        "lineage": LINEAGE,
        "outputs": {"infragod": {"value": SENTENCE, "type": "string"}},
        "resources": [
            {
                "mode": "managed",
                "type": "terraform_data",
                "name": OBJECT,
                "provider": f'provider["terraform.io/builtin/terraform"].{alias}',
                "instances": [{"schema_version": 0, "attributes": {}}],
            }
        ],
    }
    return json.dumps(document, indent=2).encode()
