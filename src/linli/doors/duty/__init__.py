"""The ladder at work: tiers of a case, lists by tier, editing and trying out ladders."""
