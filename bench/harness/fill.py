"""Fills a house with very many made-up cases, straight in SQL: what a benchmark reads and writes beside.

Not the demo's stories: the texts are those of the demo, put together without sense. But tables, arrays, indexes and
their spread are those of a real house: places weighted unevenly, three in a hundred cases open, five years of
them, a story of several entries behind each, journal entries without their genuine seal.
"""

from __future__ import annotations

import json
from pathlib import Path

import django
from django.db import connection, transaction

SEED = 0.430212
YEARS = 5

PREPARE = """
CREATE TEMP TABLE spot AS
  SELECT row_number() OVER (ORDER BY p.id) - 1 AS n, p.id, p.lineage, p.lng, p.lat,
         p.name_zh || '3栋旁' AS address
  FROM places_place p
  WHERE p.kind IN ('grid', 'special', 'micro') AND p.valid_to IS NULL AND p.lng IS NOT NULL;
CREATE TEMP TABLE told (n int, item_id bigint, matter_class text, words text, grams text[]);
CREATE TEMP TABLE body AS
  SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM people_unit WHERE valid_to IS NULL;
"""

CASES = """
INSERT INTO cases_case (state, is_open, version, channel, item_id, matter_class, description, address, public_words,
    is_public, legacy, urgent, grams, lng, lat, accuracy_m, place_id, lineage, located, candidates, unit_id,
    proposed_unit_id, handler_ids, routing, tokens, limit_unit, due_at, due_provisional, step_due_at, current_due_at,
    pauses, reported_at, state_since, accepted_at, registered_at, dispatched_at, received_at, handled_at,
    confirmed_at, verified_at, closed_at, ended_at, returned, reworked, reopened, extended, report_count,
    photo_count, solved, level)
SELECT state, open, 8, channel, item_id, matter_class, words, address, '', dice[1] < 0.95, dice[2] < 0.01,
    dice[3] < 0.02, array(SELECT DISTINCT g FROM unnest(grams || address_grams) g ORDER BY g),
    lng + (dice[4] - 0.5) * 0.004, lat + (dice[5] - 0.5) * 0.004, 20, place, lineage, 'inside', '[]',
    CASE WHEN stage >= 3 THEN unit END, unit, '{}', '{}',
    lineage || CASE WHEN stage >= 3 THEN ARRAY[-unit] ELSE ARRAY[]::bigint[] END, '',
    CASE WHEN stage >= 2 THEN at + interval '5 days' END, false,
    CASE WHEN open THEN since + interval '1 day' END,
    CASE WHEN open THEN since + (dice[6] * 4 || ' days')::interval END, '[]', at,
    since, CASE WHEN stage >= 1 THEN at + interval '1 hour' END, CASE WHEN stage >= 2 THEN at + interval '2 hours' END,
    CASE WHEN stage >= 3 THEN at + interval '3 hours' END, CASE WHEN stage >= 4 THEN at + interval '4 hours' END,
    CASE WHEN stage >= 5 THEN at + interval '2 days' END, CASE WHEN stage >= 6 THEN at + interval '3 days' END,
    CASE WHEN stage >= 7 THEN at + interval '4 days' END, CASE WHEN stage >= 8 THEN at + interval '5 days' END,
    CASE WHEN NOT open THEN at + interval '5 days' END, (dice[7] < 0.05)::int, (dice[8] < 0.04)::int,
    (dice[9] < 0.01)::int, 0, 1, 0,
    CASE WHEN stage >= 8 AND dice[10] < 0.4 THEN 'yes' ELSE '' END,
    CASE WHEN stage >= 8 AND dice[10] < 0.4 THEN 4 END
FROM (
    SELECT *, CASE WHEN open THEN now() - (dice[11] * 6 || ' days')::interval
                   ELSE at + interval '5 days' END AS since,
        (ARRAY['reported', 'accepted', 'registered', 'dispatched', 'handling', 'confirming', 'verifying', 'closing',
               'closed'])[stage + 1] AS state,
        (ARRAY['portal', 'portal', 'portal', 'field', 'field', 'hotline'])[1 + floor(dice[12] * 6)::int] AS channel
    FROM (
        SELECT i, open, dice, s.id AS place, s.lineage, s.lng, s.lat, s.address, a.grams AS address_grams,
            t.item_id, t.matter_class, t.words, t.grams, u.id AS unit,
            CASE WHEN open THEN floor(dice[13] * 8)::int ELSE 8 END AS stage,
            CASE WHEN open THEN now() - interval '6 days' - (dice[14] * 20 || ' days')::interval
                 ELSE now() - interval '6 days'
                      - (%(years)s * 365 * (%(count)s - i)::float / %(count)s || ' days')::interval END AS at
        FROM (SELECT i, i > %(count)s * 0.97 AS open,
                  array(SELECT random() FROM generate_series(1, 18) WHERE i > 0) AS dice
              FROM generate_series(1, %(count)s) i) die
        JOIN spot s ON s.n = floor(dice[15] * dice[15] * %(spots)s)::int
        JOIN address a ON a.n = s.n
        JOIN told t ON t.n = floor(dice[16] * %(told)s)::int
        JOIN body u ON u.n = floor(dice[17] * dice[17] * %(bodies)s)::int
    ) drawn ORDER BY i
) cast_
"""

REPORTS = """
INSERT INTO cases_report (uid, intake_key, case_id, joined, tracking_code, channel, words, wants_callback, language,
    occasion, reported_at, phone_index)
SELECT gen_random_uuid(), 'bench-' || c.id, c.id, false, 'B' || lpad(c.id::text, 11, '0'), c.channel, c.description,
    false, 'zh-hans', '', c.reported_at, CASE WHEN c.id % 2 = 0 THEN decode(md5('p' || c.id % 200000), 'hex') END
FROM cases_case c WHERE NOT EXISTS (SELECT FROM cases_report r WHERE r.case_id = c.id)
"""

STORIES = """
INSERT INTO journal_entry (uid, at, actor_kind, actor_id, actor_name, post_id, post_name, action, object_type,
    object_id, before, after, words, note, evidence, place_ids, request_key, mac)
SELECT gen_random_uuid(), moment, 'person', 5, '王明', 3, '派遣员', 'case.' || step, 'case', c.id::text,
    jsonb_build_object('version', n, 'state', 'reported'), jsonb_build_object('version', n + 1, 'state', step),
    '已办理，请看下一步。', '', '[]', c.lineage, 'step:' || c.id || ':' || n, '\\x00'
FROM cases_case c CROSS JOIN LATERAL (VALUES
    (0, 'report', c.reported_at), (1, 'accept', c.accepted_at), (2, 'register', c.registered_at),
    (3, 'dispatch', c.dispatched_at), (4, 'receive', c.received_at), (5, 'handle', c.handled_at),
    (6, 'confirm', c.confirmed_at), (7, 'verify_pass', c.verified_at), (8, 'close', c.closed_at)
) steps (n, step, moment)
WHERE moment IS NOT NULL AND c.id > %(first)s
ORDER BY c.id, n
"""

# One number that really can be looked for; it belongs to nobody.
KNOWN_NUMBER = "15400000001"
KNOWN_PHONE = """
UPDATE cases_report SET phone_index = %s WHERE id IN (SELECT id FROM cases_report ORDER BY id DESC LIMIT 10)
"""


def fill(count: int) -> None:
    """Add cases until the house holds `count`, with reports and stories, and let the planner know."""
    from linli.kernel import seal
    from linli.kernel.text import grams
    from linli.rooms.cases.models import Case
    from linli.rooms.catalogue.queries import catalogue

    with transaction.atomic(), connection.cursor() as cursor:
        first = Case.objects.order_by("-id").values_list("id", flat=True).first() or 0
        missing = count - Case.objects.count()
        if missing <= 0:
            return
        cursor.execute(f"SELECT setseed({SEED})")
        cursor.execute(PREPARE)
        texts = []
        for item, words in _texts():
            entry = catalogue().resolve(item)
            if entry is not None:
                texts.append((len(texts), entry.id, entry.class_key, words, grams(words, entry.name_zh)))
        cursor.executemany("INSERT INTO told VALUES (%s, %s, %s, %s, %s)", texts)
        cursor.execute("CREATE TEMP TABLE address (n bigint, grams text[])")
        cursor.execute("SELECT n, address FROM spot")
        cursor.executemany("INSERT INTO address VALUES (%s, %s)", [(n, grams(a)) for n, a in cursor.fetchall()])
        cursor.execute("SELECT (SELECT count(*) FROM spot), (SELECT count(*) FROM body)")
        spots, bodies = cursor.fetchone()
        values = {"count": missing, "years": YEARS, "spots": spots, "bodies": bodies, "told": len(texts)}
        cursor.execute("ANALYZE spot, told, body, address")
        cursor.execute(CASES, values)
        cursor.execute(REPORTS)
        cursor.execute(STORIES, {"first": first})
        cursor.execute(KNOWN_PHONE, [seal.blind_index(KNOWN_NUMBER, "phone")])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _texts() -> list[tuple[str, str]]:
    """(item key, words) of the demo's families of reports."""
    import linli.demo

    told = json.loads((Path(linli.demo.__file__).parent / "data" / "stories.json").read_text())
    found = []
    for family in told["families"]:
        for _channel, words in family["reports"]:
            for blank in ("{road}", "{near}", "{compound}", "{house}", "{stair}", "{address}"):
                words = words.replace(blank, "松西路")
            found.append((family["item"], words))
    return found


if __name__ == "__main__":
    import sys

    django.setup()
    fill(int(sys.argv[1]))
