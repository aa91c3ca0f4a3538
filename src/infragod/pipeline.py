"""The ledger's pipeline: collect → normalise → load → allocate → analyse → close → report."""
