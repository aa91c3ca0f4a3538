"""The gate: plan → tables → price → context → rules → verdict → record → act."""
