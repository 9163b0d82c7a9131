"""Bulletins: drafted, edited, approved, published, read."""
