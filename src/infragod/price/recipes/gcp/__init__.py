"""Recipes of Google Cloud resource types."""
