"""What Alembic runs around the migrations: they use the caller's connection and transaction."""

from __future__ import annotations

from alembic import context

from infragod.db.schema import whole

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=whole(),
    render_as_batch=True,  # SQLite changes a table by making it anew
    transactional_ddl=True,
)
context.run_migrations()
