"""A file per resource type: from its attributes to its cost components."""
