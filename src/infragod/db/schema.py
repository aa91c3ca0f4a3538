"""Every table of the database, by the store that owns it; imported only when a whole schema is needed."""

from __future__ import annotations

import importlib
from typing import Final

from sqlalchemy import MetaData

from infragod.db.base import metadata

STORES: Final[tuple[str, ...]] = (
    # this room is below the stores, so they are named and not imported
    "infragod.db.audit",
    "infragod.org.store",
    "infragod.budget.store",
    "infragod.budget.holds.store",
    "infragod.approval.store",
    "infragod.policy.store",
    "infragod.policy.simulate.store",
    "infragod.policy.bundle.store",
    "infragod.policy.proposals.store",
    "infragod.policy.grants.store",
    "infragod.notify.store",
    "infragod.approval.requests.store",
    "infragod.policy.waivers.store",
    "infragod.incidents.store",
    "infragod.terraform.store",
    "infragod.terraform.run_task.store",
    "infragod.terraform.estate.store",
    "infragod.finance.accuracy.store",
)


def whole() -> MetaData:
    """The metadata with the tables of every store in it."""
    for store in STORES:
        importlib.import_module(store)
    return metadata
