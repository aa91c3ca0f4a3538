"""From anomaly, breach or drift to incident, post-mortem and action items."""
