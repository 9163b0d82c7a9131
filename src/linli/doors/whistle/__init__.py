"""Blowing the whistle and answering it."""
