"""Reading figures: counts of any period, the cases behind them, what is left out, appeals and scorecards."""

from linli.rooms.insight.queries.counts import counts, counts_of

__all__ = ["counts", "counts_of"]
