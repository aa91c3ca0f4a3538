"""Reports: SQL files run over the lake."""
