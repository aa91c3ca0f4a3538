"""The example company: seeded, deterministic, of roles and teams."""
