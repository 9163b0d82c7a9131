"""The events that name their readers: topic and shipped words of each, in Chinese and English."""

from __future__ import annotations

from linli.rooms.messages.named_duty import DUTY
from linli.rooms.messages.named_watch import WATCH
from linli.rooms.messages.wording import Named

NAMED: dict[str, Named] = DUTY | WATCH
