"""The lake: Delta tables of money, and the engine that reads them."""
