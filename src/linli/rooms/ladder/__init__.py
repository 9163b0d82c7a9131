"""Four levels of duty (四级联动联办, LK-7): whose turn it is while a case is stuck, and when it climbs."""
