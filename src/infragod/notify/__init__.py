"""E-mail, Slack and webhooks."""
