"""The verbs of supervision: one function, one transaction, with its right, its journal entry and its event."""
