"""What is collected from Amazon Web Services; the only room that knows boto3."""
