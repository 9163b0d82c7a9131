"""What changes bulletins: kinds, drafting, and the steps of an issue."""
