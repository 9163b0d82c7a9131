-- The cases. Every choice is a hash of the case's number and the seed: `d` holds fourteen dice from 0 to 1.
-- Ids grow with time; the youngest are mostly open, and one in two thousand stays open for long.
INSERT INTO cases_case (id, state, is_open, version, channel, item_id, matter_class, description, address, public_words,
    is_public, legacy, urgent, grams, lng, lat, accuracy_m, place_id, lineage, located, candidates, unit_id,
    proposed_unit_id, handler_id, handler_ids, routing, tokens, filing_rule_id, limit_amount, limit_unit, due_at,
    due_provisional, step_due_at, current_due_at, clock_from, pauses, reported_at, state_since, accepted_at,
    registered_at, dispatched_at, received_at, handled_at, confirmed_at, verified_at, closed_at, ended_at, returned,
    reworked, reopened, extended, report_count, photo_count, solved, level)
SELECT id, state, is_open, greatest(stage, 1) + 1, channel, item_id, class, words, address,
    CASE WHEN state = 'closed' THEN '已处置完毕，现场核查通过，予以结案。'
         WHEN state = 'refused' THEN '不属于受理范围，已告知上报人该找的单位。' ELSE '' END,
    d[1] < 0.95, d[2] < 0.01, danger AND d[3] < 0.5, grams, lng, lat, 8, place_id, lineage, 'inside', '[]',
    CASE WHEN stage >= 4 THEN unit_id END, unit_id, CASE WHEN stage >= 5 THEN handler_id END,
    CASE WHEN stage >= 6 AND handler_id IS NOT NULL THEN ARRAY[handler_id] ELSE '{}'::bigint[] END, '{}',
    CASE WHEN stage >= 4 AND unit_id IS NOT NULL THEN array_prepend(-unit_id, lineage) ELSE lineage END,
    CASE WHEN stage >= 3 THEN rule_id END, CASE WHEN stage >= 3 THEN amount END,
    CASE WHEN stage >= 3 THEN limit_unit ELSE '' END, CASE WHEN stage >= 3 THEN due_at END, false,
    CASE WHEN is_open AND stage NOT IN (5, 10) THEN since + interval '6 hours' END,
    CASE WHEN NOT is_open OR stage = 10 THEN NULL
         WHEN stage = 5 THEN due_at
         WHEN stage IN (3, 4, 6) THEN least(since + interval '6 hours', due_at)
         ELSE since + interval '6 hours' END,
    CASE WHEN stage >= 3 THEN registered_at END, '[]', reported_at, since,
    CASE WHEN stage >= 2 THEN accepted_at END, CASE WHEN stage >= 3 THEN registered_at END,
    CASE WHEN stage >= 4 THEN dispatched_at END, CASE WHEN stage >= 5 THEN received_at END,
    CASE WHEN stage >= 6 THEN handled_at END, CASE WHEN stage >= 7 THEN handled_at + interval '1 hour' END,
    CASE WHEN stage >= 8 THEN verified_at END, CASE WHEN stage >= 9 THEN verified_at + interval '2 hours' END,
    CASE WHEN NOT is_open THEN since END,
    (stage >= 4 AND d[7] < 0.05)::int, (stage >= 8 AND d[8] < 0.04)::int, 0, 0, 1, 0,
    CASE WHEN stage = 9 AND d[9] < 0.55 THEN CASE WHEN d[10] < 0.86 THEN 'yes' WHEN d[10] < 0.96 THEN 'partly' ELSE 'no' END
         ELSE '' END,
    CASE WHEN stage = 9 AND d[9] < 0.55 THEN
         CASE WHEN d[10] < 0.5 THEN 5 WHEN d[10] < 0.86 THEN 4 WHEN d[10] < 0.96 THEN 3 WHEN d[10] < 0.98 THEN 2 ELSE 1 END
         END
FROM (
    SELECT *,
        CASE WHEN NOT is_open THEN CASE WHEN stage = 9 THEN verified_at + interval '2 hours' ELSE accepted_at END
             WHEN stage <= 1 THEN reported_at WHEN stage = 2 THEN accepted_at WHEN stage = 3 THEN registered_at
             WHEN stage = 4 THEN dispatched_at WHEN stage = 5 THEN received_at WHEN stage = 6 THEN handled_at
             WHEN stage = 7 THEN handled_at + interval '1 hour' ELSE verified_at END AS since
    FROM (
        SELECT %(first)s + i AS id, d, is_open, t.item_id, t.class, t.words, t.address, t.grams, t.rule_id, t.amount,
            t.unit AS limit_unit, t.danger, s.place_id, s.lineage, s.lng, s.lat, o.unit_id, o.handler_id, stage,
            (CASE WHEN NOT is_open THEN CASE WHEN stage = 9 THEN 'closed' WHEN stage = 0 THEN 'refused' ELSE 'withdrawn' END
                  ELSE (ARRAY['reported', 'accepted', 'registered', 'dispatched', 'handling', 'confirming', 'verifying',
                              'closing'])[stage] END) AS state,
            (ARRAY['portal', 'portal', 'portal', 'portal', 'field', 'field', 'hotline', 'hotline', 'walk_in', 'meeting'])
                [1 + floor(d[4] * 10)::int] AS channel,
            reported_at, reported_at + gap * 0.05 AS accepted_at, reported_at + gap * 0.08 AS registered_at,
            reported_at + gap * 0.12 AS dispatched_at, reported_at + gap * 0.2 AS received_at,
            reported_at + gap * 0.7 AS handled_at, reported_at + gap * 0.9 AS verified_at,
            reported_at + gap * 0.08 + t.hours * interval '1 hour' AS due_at
        FROM (
            SELECT i, d, is_open,
                CASE WHEN is_open THEN 1 + floor(d[5] * 8)::int
                     WHEN d[5] < 0.93 THEN 9 WHEN d[5] < 0.98 THEN 0 ELSE 1 END AS stage,
                CASE WHEN is_open THEN %(now)s - (0.1 + 5 * d[6] * d[6]) * interval '1 day' -
                          CASE WHEN old THEN 60 * d[6] * interval '1 day' ELSE interval '0' END
                     ELSE %(now)s - interval '5 days'
                          - (%(count)s - i)::float8 / %(count)s * %(years)s * interval '365 days' END AS reported_at
            FROM (
                SELECT i, d, d[13] < 0.0005 AS old,
                       d[13] < 0.0005 OR (i > %(count)s * 0.97 AND d[13] < 0.8) AS is_open
                FROM (
                    SELECT i, array(SELECT (hashint8extended(i, %(seed)s + k) & 1048575) / 1048576.0::float8
                                    FROM generate_series(1, 14) k) AS d
                    FROM generate_series(1, %(count)s) i
                ) thrown
            ) chosen
        ) timed
        JOIN mass_text t ON t.n = least(floor(d[11] * %(texts)s)::int, %(texts)s - 1)
        JOIN mass_spot s ON s.n = least(floor(d[12] * %(spots)s)::int, %(spots)s - 1)
        JOIN mass_owner o ON o.item_id = t.item_id AND o.community_id = s.community_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN is_open THEN (%(now)s - reported_at) * 0.95
                        ELSE least((0.3 + d[14] * 0.95) * t.hours * interval '1 hour', interval '4 days') END AS gap
        ) pace
    ) drawn
) dated
ORDER BY id
-- ;;
-- A report behind each. The code is a number times an odd constant modulo 2^48: never twice.
INSERT INTO cases_report (uid, intake_key, case_id, joined, tracking_code, channel, words, wants_callback, language,
    occasion, reported_at)
SELECT md5('mass' || %(seed)s || ':' || id)::uuid, 'mass-' || %(seed)s || '-' || id, id, false,
    upper(lpad(to_hex((id * 11400714819) %% 281474976710656), 12, '0')), channel, description, false, 'zh-hans', '',
    reported_at
FROM cases_case WHERE id > %(first)s ORDER BY id
-- ;;
INSERT INTO cases_rating (report_id, round, solved, level, words, at)
SELECT r.id, 0, c.solved, c.level, '', c.closed_at + interval '9 hours'
FROM cases_case c JOIN cases_report r ON r.case_id = c.id WHERE c.id > %(first)s AND c.solved <> ''
ORDER BY c.id
