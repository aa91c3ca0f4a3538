"""What is collected from Google Cloud, by its JSON APIs."""
