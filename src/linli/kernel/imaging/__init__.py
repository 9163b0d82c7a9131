"""Photos from strangers, made safe: looked at, turned upright, stripped of what they tell, encoded anew."""

from linli.kernel.imaging.intake import LONG_EDGE, MOST_BYTES, THUMB_EDGE, Picture, take_in

__all__ = ["LONG_EDGE", "MOST_BYTES", "THUMB_EDGE", "Picture", "take_in"]
