"""Export of the lake's charges as files that other programs read."""
