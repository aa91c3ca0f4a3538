"""Terraform's formats and protocols."""
