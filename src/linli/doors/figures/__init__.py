"""Indicators, scorecards, appeals."""
