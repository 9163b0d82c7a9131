"""What the worker does for supervision."""
