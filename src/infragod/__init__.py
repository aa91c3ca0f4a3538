"""InfraGod: a self-hosted financial engineering platform."""

__version__ = "0.1.0"
