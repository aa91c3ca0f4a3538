"""The pages and the decision service."""
