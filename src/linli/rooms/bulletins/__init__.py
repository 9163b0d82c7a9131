"""The rhythm of scheduling, publishing and reviewing (一周一调度、半月一通报、一月一点评, LK-8)."""
