"""The spine: organisation, budgets, tokens, rule bundles, the record of decisions, the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infragod.db import base

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TRIGGERS = {
    "sqlite": (
        """
CREATE TRIGGER audit_no_update BEFORE update ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """
CREATE TRIGGER audit_no_delete BEFORE delete ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ),
    "postgresql": (
        """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
        """
CREATE TRIGGER audit_no_update BEFORE update ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
        """
CREATE TRIGGER audit_no_delete BEFORE delete ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
        """
CREATE TRIGGER audit_no_truncate BEFORE truncate ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    ),
}


def upgrade() -> None:
    """Make every table of the first version."""
    _audit()
    _budget()
    _bundle()
    _decision()
    _hold()
    _team()
    _token()
    _decision_document()
    _decision_rule()
    _decision_team()
    _idempotency()
    _service()
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", base.UtcTime(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("hash", name="uq_audit_hash"),
    )
    op.create_index("ix_audit_kind", "audit", ["kind"], unique=False)


def _budget() -> None:
    op.create_table(
        "budget",
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("amount", base.Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("team", "month", name="pk_budget"),
    )
    op.create_index("ix_budget_month", "budget", ["month"], unique=False)


def _bundle() -> None:
    op.create_table(
        "bundle",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", base.UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("branch", sa.String(length=300), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_bundle"),
    )


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", sa.String(length=9), nullable=False),
        sa.Column("created_at", base.UtcTime(), nullable=False),
        sa.Column("workspace", sa.String(length=300), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("bundle", sa.String(length=100), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("plan_digest", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("monthly_cost", base.Money(), nullable=False),
        sa.Column("monthly_delta", base.Money(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_decision"),
        sa.UniqueConstraint("id", name="uq_decision_id"),
    )
    op.create_index("ix_decision_created_at", "decision", ["created_at"], unique=False)
    op.create_index("ix_decision_verdict_number", "decision", ["verdict", "number"], unique=False)
    op.create_index("ix_decision_workspace_number", "decision", ["workspace", "number"], unique=False)


def _hold() -> None:
    op.create_table(
        "hold",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("amount", base.Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("opened_at", base.UtcTime(), nullable=False),
        sa.Column("expires_at", base.UtcTime(), nullable=False),
        sa.Column("released_at", base.UtcTime(), nullable=True),
        sa.CheckConstraint("expires_at > opened_at", name=op.f("ck_hold_expires_later")),
        sa.PrimaryKeyConstraint("number", name="pk_hold"),
    )
    op.create_index("ix_hold_month_team", "hold", ["month", "team"], unique=False)


def _team() -> None:
    op.create_table(
        "team",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("cost_centre", sa.String(length=200), nullable=True),
        sa.Column("lead", sa.String(length=320), nullable=True),
        sa.Column("unit", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_team"),
    )


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", base.UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", base.UtcTime(), nullable=True),
        sa.Column("revoked_at", base.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("hash", name="uq_token_hash"),
    )
    op.create_index(
        "uq_token_name_open",
        "token",
        ["name"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _decision_document() -> None:
    op.create_table(
        "decision_document",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decision.number"], name="fk_decision_document_number_decision"),
        sa.PrimaryKeyConstraint("number", name="pk_decision_document"),
    )


def _decision_rule() -> None:
    op.create_table(
        "decision_rule",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decision.number"], name="fk_decision_rule_number_decision"),
        sa.PrimaryKeyConstraint("number", "rule", "result", name="pk_decision_rule"),
    )
    op.create_index("ix_decision_rule_rule_number", "decision_rule", ["rule", "number"], unique=False)


def _decision_team() -> None:
    op.create_table(
        "decision_team",
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decision.number"], name="fk_decision_team_number_decision"),
        sa.PrimaryKeyConstraint("team", "number", name="pk_decision_team"),
    )
    op.create_index("ix_decision_team_number", "decision_team", ["number"], unique=False)


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("token_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decision.number"], name="fk_idempotency_number_decision"),
        sa.PrimaryKeyConstraint("token_id", "key", name="pk_idempotency"),
    )


def _service() -> None:
    op.create_table(
        "service",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["team"], ["team.name"], name="fk_service_team_team"),
        sa.PrimaryKeyConstraint("name", name="pk_service"),
    )
    op.create_index("ix_service_team", "service", ["team"], unique=False)
