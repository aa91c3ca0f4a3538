"""Requests, orders and renewals."""
