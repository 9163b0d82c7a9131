"""The whistle (吹哨报到, LK-7): the community calls departments together and they report in."""
