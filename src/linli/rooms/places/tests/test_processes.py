"""A changed grid set is used by every process within two seconds."""

import os
import subprocess
import sys
import time

import pytest
from django.db import connection

from linli.rooms.places import queries
from linli.rooms.places.tests.land import divisions, feature, four_tiles, grids, middle, published, tile

WATCHER = """
import sys, time
import django
django.setup()
from django.conf import settings
from django.db import connections
settings.DATABASES["default"]["NAME"] = sys.argv[1]
connections["default"].settings_dict["NAME"] = sys.argv[1]
from linli.rooms.places import queries
lng, lat = float(sys.argv[2]), float(sys.argv[3])
seen = None
end = time.monotonic() + 30
while time.monotonic() < end:
    now = queries.locate(lng, lat).place_id
    if now != seen:
        seen = now
        print(now, time.time(), flush=True)
    time.sleep(0.02)
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_uses_a_published_set_within_two_seconds():
    divisions()
    published(*four_tiles())
    lng, lat = middle(0, 0)
    before = queries.locate(lng, lat).place_id
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, connection.settings_dict["NAME"], str(lng), str(lat)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    try:
        assert watcher.stdout is not None
        assert int(watcher.stdout.readline().split()[0]) == before
        # The first set began in the past; on one day a community's grids can be published anew.
        from linli.rooms.places import atlas

        published(
            feature(tile(0, 0, 4, 2), community="430212100003", name="南"),
            feature(tile(0, 2, 4, 2), community="430212100003", name="北"),
            on=atlas.today(),
        )
        done = time.time()
        after, seen_at = watcher.stdout.readline().split()
        assert int(after) == grids()["南"].id
        assert float(seen_at) - done < 2
    finally:
        watcher.kill()
        watcher.wait()
