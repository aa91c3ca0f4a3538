"""What is served in place of a state that the asker may not have.

From 1.15 on Terraform fetches the state once before it locks, and gives up where that is refused. So an apply token is
answered a state of nobody's: Terraform can read it, and can neither plan nor apply on it, for its one object belongs to
a provider that does not exist, and its serial makes every saved plan stale.
"""

from __future__ import annotations

import json
from typing import Final

LINEAGE: Final = "infragod-serves-no-state-without-the-lock-of-an-apply"
PROVIDER: Final = "infragod.invalid/refused/no-state-without-the-lock-of-an-apply"
SENTENCE: Final = (
    "InfraGod serves the state to a token that may apply only under the lock of its own apply: leave -lock=false out, "
    "and use a token with the scope state to plan or to read"
)
DECOY: Final = json.dumps(
    {
        "version": 4,
        "terraform_version": "1.0.0",
        "serial": 9_007_199_254_740_991,
        "lineage": LINEAGE,
        "outputs": {"infragod": {"value": SENTENCE, "type": "string"}},
        "resources": [
            {
                "mode": "managed",
                "type": "infragod",
                "name": "refused",
                "provider": f'provider["{PROVIDER}"]',
                "instances": [{"schema_version": 0, "attributes": {}}],
            }
        ],
    },
    indent=2,
).encode()
