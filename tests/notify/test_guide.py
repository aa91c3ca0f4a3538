"""The receiver of the guide, run as it stands there, agrees with what we send."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from infragod.notify import signature

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "webhooks.md"


def test_the_guides_receiver_tells_genuine_from_forged() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own guide
    now = int(time.time())
    signed = signature.sign(b"secret", now, b"{}")
    assert names["genuine"](b"secret", str(now), signed, b"{}")
    assert not names["genuine"](b"other", str(now), signed, b"{}")
    assert not names["genuine"](b"secret", str(now - 301), signature.sign(b"secret", now - 301, b"{}"), b"{}")


def test_the_guide_names_every_header_and_key() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    from infragod.notify.webhooks import _KEYS

    for name in (signature.EVENT, signature.DELIVERY, signature.TIMESTAMP, signature.SIGNATURE):
        assert f"    {name}: " in text
    assert all(f"`{key}`" in text for key in _KEYS)
