"""What a resource costs: sheets of unit prices, recipes, usage."""
