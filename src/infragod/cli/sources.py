"""`infragod sources`: what the lake holds of each source, and how fresh it is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from infragod import settings

if TYPE_CHECKING:
    from infragod.lake.lake import SourceState


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")


def run(args: argparse.Namespace) -> int:
    """Print what is loaded."""
    from infragod.lake.lake import Lake

    states = Lake(settings.load(args.config).lake).sources()
    print(_json(states) if args.format == "json" else _text(states))
    return 0


def _json(states: Sequence[SourceState]) -> str:
    return json.dumps(
        [
            {
                "source": s.source,
                "periods": [str(p) for p in s.periods],
                "rows": s.rows,
                "loaded_at": f"{s.loaded_at:%Y-%m-%dT%H:%M:%SZ}",
                "complete": s.complete,
            }
            for s in states
        ],
        indent=2,
    )


def _text(states: Sequence[SourceState]) -> str:
    if not states:
        return "nothing is loaded yet; load a bill by: infragod load focus PATH --source NAME"
    width = max(6, *(len(s.source) for s in states))
    lines = [f"{'source':<{width}}  {'periods':<21} {'rows':>13}  {'loaded (UTC)':<16}  complete"]
    lines += [
        f"{s.source:<{width}}  {_span(s):<21} {s.rows:>13,}  {s.loaded_at:%Y-%m-%d %H:%M}  "
        f"{'yes' if s.complete else 'no'}"
        for s in states
    ]
    return "\n".join(lines)


def _span(state: SourceState) -> str:
    first, last = state.periods[0], state.periods[-1]
    return str(first) if first == last else f"{first} … {last} ({len(state.periods)})"
