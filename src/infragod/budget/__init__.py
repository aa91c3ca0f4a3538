"""Budgets and what encumbers them: one mechanism for the gate and for procurement."""
