"""The transactional database: connection, tables, migrations."""
