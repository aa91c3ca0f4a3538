"""The gate, enforced: one section for each room's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infragod.db import base

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of the gate."""
    _outbox()
    _approval_request()
    _break_glass()
    _incident()
    _waiver()
    _approval_decision()
    _approval_link()
    _approval_requester()
    _approval_vote()
    _state_version()
    _state_and_lock()
    _run_task()
    _hold_item()
    _apply_grant()
    _estate()
    _facts()


def _outbox() -> None:
    op.create_table(
        "webhook_target",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("read_to", NUMBER, nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", base.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_webhook_target"),
    )
    op.create_table(
        "outbox",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("target", sa.String(length=63), nullable=False),
        sa.Column("event", NUMBER, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", base.UtcTime(), nullable=False),
        sa.Column("delivered_at", base.UtcTime(), nullable=True),
        sa.Column("dead_at", base.UtcTime(), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["target"], ["webhook_target.name"], name="fk_outbox_target_webhook_target"),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("target", "event", name="uq_outbox_target_event"),
    )
    waiting = sa.text("delivered_at IS NULL AND dead_at IS NULL")
    op.create_index("ix_outbox_waiting", "outbox", ["target", "event"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_outbox_delivered_at", "outbox", ["delivered_at"])


def _approval_request() -> None:
    op.create_table(
        "approval_request",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("plan_digest", sa.String(length=100), nullable=False),
        sa.Column("binding", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", base.UtcTime(), nullable=False),
        sa.Column("expires_at", base.UtcTime(), nullable=False),
        sa.Column("ended_at", base.UtcTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lost", sa.Text(), nullable=False),
        sa.Column("reminded_at", base.UtcTime(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_approval_request"),
        info={"row": "what waits for approval, or has got it: one plan of one workspace"},
    )
    op.create_index("ix_approval_request_state_expires_at", "approval_request", ["state", "expires_at"], unique=False)
    op.create_index("ix_approval_request_workspace_number", "approval_request", ["workspace", "number"], unique=False)


def _break_glass() -> None:
    op.create_table(
        "break_glass",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("decision", sa.String(length=9), nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("plan_digest", sa.String(length=100), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", base.UtcTime(), nullable=False),
        sa.Column("expires_at", base.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_break_glass"),
        info={"row": "a denied plan that somebody let pass in an emergency, until when, and why"},
    )
    op.create_index("ix_break_glass_decision", "break_glass", ["decision"], unique=False)
    op.create_index("ix_break_glass_workspace_plan_digest", "break_glass", ["workspace", "plan_digest"], unique=False)


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("opened_at", base.UtcTime(), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("closed_at", base.UtcTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_incident"),
        info={"row": "something that went wrong or round the gate, and how it ended"},
    )
    op.create_index("ix_incident_closed_at_number", "incident", ["closed_at", "number"], unique=False)


def _waiver() -> None:
    op.create_table(
        "waiver",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", base.UtcTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.Column("approved_at", base.UtcTime(), nullable=True),
        sa.Column("ended_at", base.UtcTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_waiver"),
        info={"row": "what of a rule is let pass, where, why, whose it is and until when"},
    )
    op.create_index("ix_waiver_ended_at_until", "waiver", ["ended_at", "until"], unique=False)


def _approval_decision() -> None:
    op.create_table(
        "approval_decision",
        sa.Column("decision", sa.String(length=9), nullable=False),
        sa.Column("request", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["approval_request.number"], name="fk_approval_decision_request_approval_request"
        ),
        sa.PrimaryKeyConstraint("decision", name="pk_approval_decision"),
        info={"row": "a decision that rests on a request for approval"},
    )
    op.create_index("ix_approval_decision_request", "approval_decision", ["request"], unique=False)


def _approval_link() -> None:
    op.create_table(
        "approval_link",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("request", NUMBER, nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=300), nullable=False),
        sa.Column("made_at", base.UtcTime(), nullable=False),
        sa.Column("expires_at", base.UtcTime(), nullable=False),
        sa.Column("used_at", base.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request"], ["approval_request.number"], name="fk_approval_link_request_approval_request"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_approval_link"),
        info={"row": "a link by which one person may answer one request once; only a hash of it is kept"},
    )
    op.create_index("ix_approval_link_request", "approval_link", ["request"], unique=False)


def _approval_requester() -> None:
    op.create_table(
        "approval_requester",
        sa.Column("request", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["approval_request.number"], name="fk_approval_requester_request_approval_request"
        ),
        sa.PrimaryKeyConstraint("request", "name", name="pk_approval_requester"),
        info={"row": "a name that asked for an approval and so may not give it"},
    )


def _approval_vote() -> None:
    op.create_table(
        "approval_vote",
        sa.Column("request", NUMBER, autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("at", base.UtcTime(), nullable=False),
        sa.Column("account", sa.String(length=300), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("speaks_for", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["approval_request.number"], name="fk_approval_vote_request_approval_request"
        ),
        sa.PrimaryKeyConstraint("request", "person", name="pk_approval_vote"),
        info={"row": "what a person answered, for whom they may speak, and under which approvals.toml"},
    )


def _state_version() -> None:
    op.create_table(
        "state_version",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lineage", sa.String(length=200), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("terraform_version", sa.String(length=200), nullable=False),
        sa.Column("resources", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", base.UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("operation", sa.String(length=200), nullable=False),
        sa.Column("lock_id", sa.String(length=200), nullable=False),
        sa.Column("aside", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_state_version"),
        sa.UniqueConstraint("workspace", "version", name="uq_state_version_workspace_version"),
    )


def _state_and_lock() -> None:
    op.create_table(
        "state",
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", base.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "version"],
            ["state_version.workspace", "state_version.version"],
            name="fk_state_workspace_version_state_version",
        ),
        sa.PrimaryKeyConstraint("workspace", name="pk_state"),
    )
    op.create_table(
        "state_body",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["state_version.number"], name="fk_state_body_number_state_version"),
        sa.PrimaryKeyConstraint("number", name="pk_state_body"),
    )
    texts = {"id": 200, "operation": 200, "who": 200, "program": 200, "created": 200}
    op.create_table(
        "state_lock",
        sa.Column("workspace", sa.String(length=300), nullable=False),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in texts.items()),
        sa.Column("taken_at", base.UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.String(length=9), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("before", "reads", "writes")),
        sa.PrimaryKeyConstraint("workspace", name="pk_state_lock"),
    )


def _hold_item() -> None:
    op.create_table(
        "hold_item",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("hold", NUMBER, nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("amount", base.Money(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=True),
        sa.Column("released_at", base.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["hold"], ["hold.number"], name="fk_hold_item_hold_hold"),
        sa.PrimaryKeyConstraint("number", name="pk_hold_item"),
    )
    op.create_index("ix_hold_item_hold", "hold_item", ["hold"])
    op.create_index("ix_hold_item_workspace", "hold_item", ["workspace"])


def _apply_grant() -> None:
    op.create_table(
        "apply_grant",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", sa.String(length=9), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=9), nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("change_request", sa.String(length=300), nullable=False),
        sa.Column("lineage", sa.String(length=200), nullable=False),
        sa.Column("serial", NUMBER, nullable=False),
        sa.Column("plan_digest", sa.String(length=100), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("issued_at", base.UtcTime(), nullable=False),
        sa.Column("expires_at", base.UtcTime(), nullable=False),
        sa.Column("claimed_at", base.UtcTime(), nullable=True),
        sa.Column("lock_id", sa.String(length=200), nullable=True),
        sa.Column("ended_at", base.UtcTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_apply_grant"),
        sa.UniqueConstraint("hash", name="uq_apply_grant_hash"),
        sa.UniqueConstraint("id", name="uq_apply_grant_id"),
    )
    op.create_index("ix_apply_grant_decision", "apply_grant", ["decision"])
    op.create_index("ix_apply_grant_lock_id", "apply_grant", ["lock_id"])
    op.create_index("ix_apply_grant_workspace_state", "apply_grant", ["workspace", "state"])


def _estate() -> None:
    op.create_table(
        "estate_state",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("repository", sa.String(length=500), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("lineage", sa.String(length=200), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("written_at", base.UtcTime(), nullable=False),
        sa.Column("read_at", base.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_estate_state"),
        sa.UniqueConstraint("workspace", name="uq_estate_state_workspace"),
    )
    op.create_table(
        "estate_resource",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("state", NUMBER, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("first_seen", base.UtcTime(), nullable=False),
        sa.Column("gone_at", base.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["state"], ["estate_state.number"], name="fk_estate_resource_state_estate_state"),
        sa.PrimaryKeyConstraint("number", name="pk_estate_resource"),
    )
    op.create_index("ix_estate_resource_state_gone_at", "estate_resource", ["state", "gone_at"])


def _facts() -> None:
    op.create_table(
        "decision_facts",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decision.number"], name="fk_decision_facts_number_decision"),
        sa.PrimaryKeyConstraint("number", name="pk_decision_facts"),
    )


def _run_task() -> None:
    op.create_table(
        "run_task",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("received_at", base.UtcTime(), nullable=False),
        sa.Column("ended_at", base.UtcTime(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run_task"),
    )
