"""docs/indicators.md, written from the indicators themselves."""

from __future__ import annotations

from linli.rooms.insight.rules import GROUPS, INDICATORS

_HEAD = """# Indicators

Written from `linli.rooms.insight.rules.INDICATORS` by `./linli manage indicators`; a test keeps both the same.
Every rate is published with its base and the number of cases left out.

## How a period is counted

Every case is one fact, derived by one pure function (`insight.facts.fact_of`) from the case's entries in the
journal. A fact leaves marks: one measure on one civil day (`insight.marks`). Running totals of the marks for each
place, unit, post, matter, class, and for units and classes within a street, answer any period [a, b) by two rows:
at its end and at its start.

- **Due** in a period: what fell due before b, less what was done with before a, where "done" is marked on the later
  one of deadline and handling. So what is carried over belongs to it, and due = handled + overdue, always.
- **Handled** is the unit's confirmation of the present round. A return, rework or reopening makes the case open
  again; extensions and suspensions move the deadline, and while a case stands suspended it has none.
- **Not due at all** are cases that were withdrawn, merged or refused unhandled, and sub-cases of assisting units.
- **Left out** of the timed indicators are cases with an upheld appeal and cases whose handling clock ran in a time
  that a leader decided to leave out (weather, cuts of water or power). The raw facts stay; the list gives the
  reasons.
- Periods that still run end with today.

`./linli manage recount` derives all facts anew from the journal, in one snapshot, with the same function, sums
their marks beside the live totals and compares both to the last case. Cases whose last events had not been
delivered in the snapshot are compared up to the entry that their live fact has read. It prints which case and which
number differ and ends with exit code 1; `--repair` mends, `--place` looks at one place, `--from-nothing` makes
everything anew. What whistles, tiers and rounds count for is derived from their own tables. Scorecards keep their
results as computed.
"""


def document() -> str:
    """The whole page."""
    parts = [_HEAD]
    for group, (zh, en) in GROUPS.items():
        parts.append(f"## {en} · {zh}\n")
        for each in INDICATORS.values():
            if each.group == group:
                left = " Left-out cases do not count." if each.timed else ""
                parts.append(
                    f"### {each.label_en} · {each.label_zh} (`{each.code}`)\n\n{each.definition_en}{left}\n\n"
                    f"{each.definition_zh}\n"
                )
    return "\n".join(parts)
