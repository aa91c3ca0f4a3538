"""What Terraform's states say exists, and since when: the estate that bills are joined to."""
