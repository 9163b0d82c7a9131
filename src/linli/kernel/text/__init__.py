"""Words as people type them: cut into pieces that can be searched, Chinese or Latin alike."""

from linli.kernel.text.grams import fold, grams, matches, query_grams

__all__ = ["fold", "grams", "matches", "query_grams"]
