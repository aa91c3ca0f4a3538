"""Rules: load, lint, run, decide; the bundle that they are published in; the record of decisions."""
