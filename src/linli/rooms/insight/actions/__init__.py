"""Everything that writes in this room: facts and totals, exclusions, appeals, scorecards."""
