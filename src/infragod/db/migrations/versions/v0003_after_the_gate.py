"""After the gate: one section for each room's tables."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from infragod.db import base

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOST_ROWS = 1000
_MONTHS_DAYS = 120


def upgrade() -> None:
    """Make the tables that follow a decision: one call for each room."""
    _timeline()
    _lists()
    _reminders_and_mail()
    _run_task()
    _states()
    _coverage()
    _rule_proposal()
    _followup()
    _signs_of_life()


def _timeline() -> None:
    """What an entry of the audit log is about, so that a page can tell the story of an incident."""
    op.create_table(
        "audit_subject",
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", name="pk_audit_subject"),
    )
    op.add_column("incident", sa.Column("decision", sa.String(length=9), nullable=True))
    op.create_index("ix_incident_decision", "incident", ["decision"])
    op.create_index("ix_incident_kind_number", "incident", ["kind", "number"])
    op.create_index("ix_incident_subject_number", "incident", ["subject", "number"])
    _tell_subjects()
    _tell_decisions()


def _tell_subjects() -> None:
    connection = op.get_bind()
    rest = "FROM audit WHERE kind <> 'decision' AND number > :n ORDER BY number LIMIT :m"
    read = sa.text(f"SELECT number, details {rest}")
    write = sa.text("INSERT INTO audit_subject (subject, number) VALUES (:subject, :number)")
    last = 0
    while rows := connection.execute(read, {"n": last, "m": _MOST_ROWS}).all():
        last = rows[-1].number
        found = [(row.number, json.loads(row.details)) for row in rows]
        named = [
            {"subject": f"{key} {details[key]}"[:60], "number": number}
            for number, details in found
            for key in ("decision", "grant", "incident", "waiver")
            if details.get(key)
        ]
        if named:
            connection.execute(write, named)


def _tell_decisions() -> None:
    connection = op.get_bind()
    write = sa.text("UPDATE incident SET decision = :decision WHERE number = :number")
    for row in connection.execute(sa.text("SELECT number, details FROM incident")).all():
        decision = json.loads(row.details).get("decision")
        if decision:
            connection.execute(write, {"decision": str(decision)[:9], "number": row.number})


def _lists() -> None:
    """Lists by state, page by page, and what each grant holds."""
    op.create_index("ix_apply_grant_state_number", "apply_grant", ["state", "number"])
    op.create_index("ix_apply_grant_workspace_number", "apply_grant", ["workspace", "number"])
    op.create_index("ix_approval_request_state_number", "approval_request", ["state", "number"])
    op.create_index("ix_hold_subject", "hold", ["subject"])


def _reminders_and_mail() -> None:
    op.add_column("waiver", sa.Column("warned_at", base.UtcTime(), nullable=True))
    op.create_table(
        "outbox_mail",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("sent_at", base.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["outbox.number"], name="fk_outbox_mail_number_outbox"),
        sa.PrimaryKeyConstraint("number", "mail", name="pk_outbox_mail"),
    )


def _run_task() -> None:
    """What was asked, encrypted while it is worked on, so that another server can go on with it."""
    op.add_column("run_task", sa.Column("request", sa.LargeBinary(), nullable=True))
    op.add_column("run_task", sa.Column("decision", sa.String(length=9), nullable=True))
    op.add_column("run_task", sa.Column("held_by", sa.String(length=64), nullable=True))
    op.add_column("run_task", sa.Column("held_until", base.UtcTime(), nullable=True))
    op.create_index("ix_run_task_ended_at", "run_task", ["ended_at"])


def _states() -> None:
    """How far the estate has read what the state backend stored; of what is there, nothing yet."""
    op.add_column("state", sa.Column("learned", sa.Integer(), nullable=True))


def _coverage() -> None:
    """Which change a decision belongs to, and which resources its plan changes, for what was spent round the gate."""
    op.add_column("decision", sa.Column("change_request", sa.String(length=300), nullable=True))
    op.create_table(
        "decision_place",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("makes", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decision.number"], name="fk_decision_place_number_decision"),
        sa.PrimaryKeyConstraint("place", "number", name="pk_decision_place"),
    )
    op.create_index("ix_decision_place_number", "decision_place", ["number"])
    _tell_change_requests()
    _tell_places()


def _tell_change_requests() -> None:
    """Grants know the change request of a decision that was applied before this revision."""
    op.execute(
        """
        UPDATE decision SET change_request = (
            SELECT MAX(g.change_request) FROM apply_grant AS g WHERE g.decision = decision.id AND g.change_request <> ''
        )
        WHERE id IN (SELECT g.decision FROM apply_grant AS g WHERE g.change_request <> '')
        """
    )


def _tell_places() -> None:
    """The decisions of the newest months; older ones count no more for what is new in a bill."""
    connection = op.get_bind()
    since = datetime.now(UTC) - timedelta(days=_MONTHS_DAYS)
    decision = sa.table("decision", sa.column("number"), sa.column("created_at", base.UtcTime()))
    first = connection.execute(sa.select(sa.func.min(decision.c.number)).where(decision.c.created_at >= since)).scalar()
    read = sa.text("SELECT number, body FROM decision_document WHERE number > :n ORDER BY number LIMIT :m")
    write = sa.text("INSERT INTO decision_place (place, number, makes) VALUES (:place, :number, :makes)")
    last = (first or 0) - 1
    while first is not None and (rows := connection.execute(read, {"n": last, "m": _MOST_ROWS}).all()):
        last = rows[-1].number
        found = [{"number": row.number, **place} for row in rows for place in _places(bytes(row.body))]
        if found:
            connection.execute(write, found)


def _places(body: bytes) -> list[dict[str, object]]:
    document = json.loads(zlib.decompress(body))
    makes: dict[int, bool] = {}
    for r in document.get("resources", ()):
        if r["action"] not in ("no-op", "read"):
            digest = hashlib.sha256(f"{document['workspace']}\0{r['address']}".encode()).digest()
            place = int.from_bytes(digest[:8], signed=True)
            makes[place] = makes.get(place, False) or r["action"] in ("create", "replace")
    return [{"place": place, "makes": made} for place, made in makes.items()]


def _rule_proposal() -> None:
    """Rules that were overturned so often that they propose to be milder."""
    op.create_table(
        "rule_proposal",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("proposed", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("overturned", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_at", base.UtcTime(), nullable=False),
        sa.Column("answered_at", base.UtcTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_rule_proposal"),
    )
    op.create_index("ix_rule_proposal_rule_number", "rule_proposal", ["rule", "number"])
    op.create_index("ix_rule_proposal_state_number", "rule_proposal", ["state", "number"])


def _signs_of_life() -> None:
    """When an apply under a claimed grant was last heard of; of those that were claimed before, nothing is known."""
    op.add_column("apply_grant", sa.Column("alive_at", base.UtcTime(), nullable=True))


def _followup() -> None:
    """What was applied, and its estimate against the bill of its first full month."""
    sums = ("estimated", "billed", "rate", "quantity", "unknown")
    op.create_table(
        "followup",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("decision", sa.String(length=9), nullable=False),
        sa.Column("grant", sa.String(length=9), nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("change_request", sa.String(length=300), nullable=False),
        sa.Column("applied_at", base.UtcTime(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        *(sa.Column(name, base.Money(), nullable=False) for name in sums),
        sa.Column("left_out", sa.Text(), nullable=False),
        sa.Column("apart", sa.Text(), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.Column("compared_at", base.UtcTime(), nullable=True),
        sa.Column("told", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_followup"),
        sa.UniqueConstraint("decision", name="uq_followup_decision"),
    )
    op.create_index("ix_followup_month_state", "followup", ["month", "state"])
    op.create_index("ix_followup_applied_at_number", "followup", ["applied_at", "number"])
    op.create_index("ix_followup_month_applied_at_number", "followup", ["month", "applied_at", "number"])
    op.create_index("ix_followup_workspace_applied_at", "followup", ["workspace", "applied_at"])
    op.create_index("ix_followup_change_request", "followup", ["change_request"])
    _followup_resource(sums)


def _followup_resource(sums: tuple[str, ...]) -> None:
    op.create_table(
        "followup_resource",
        sa.Column("followup", NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("recipe", sa.String(length=200), nullable=True),
        sa.Column("team", sa.String(length=200), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        *(sa.Column(name, base.Money(), nullable=False) for name in sums),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["followup"], ["followup.number"], name="fk_followup_resource_followup_followup"),
        sa.PrimaryKeyConstraint("followup", "position", name="pk_followup_resource"),
    )
