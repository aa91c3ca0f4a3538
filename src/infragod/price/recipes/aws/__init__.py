"""Recipes of AWS resource types."""
