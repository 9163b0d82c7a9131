"""Other systems hear of cases: signed messages to addresses that an administrator names.

An event becomes one delivery for each endpoint that wants it (`jobs`); deliveries are sent at least once and
in no promised order (`sending`); everything about them is visible and can be sent again (`queries`, `actions`).
"""
