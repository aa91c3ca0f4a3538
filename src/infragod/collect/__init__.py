"""From the outside world to batches: files, clouds, vendors."""
