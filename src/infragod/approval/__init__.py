"""Who may approve what: one mechanism for the gate and for procurement."""
