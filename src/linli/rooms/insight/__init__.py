"""Indicators and scorecards (DOMAIN §3): counted from what happened, kept up as it happens."""
