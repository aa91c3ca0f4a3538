"""Figures over time: forecast, allocation, close, anomalies, commitments."""
