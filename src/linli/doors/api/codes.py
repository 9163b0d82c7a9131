"""The numbered codes of problems: LL-<status><n>. A number never gets another meaning; new ones go to the end.

`reason` is the word by which the rooms know the refusal; what has no number of its own goes by its status: LL-4220.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """number: "LL-4091"; reason: "case.changed"; words: what it means, for the documents."""

    number: str
    reason: str
    words: str

    @property
    def status(self) -> int:
        return int(self.number[3:6])


_TABLE = """
4000 request.bad               The request cannot be read.
4001 request.json              The body is not JSON.
4002 request.nul               Text must not contain the character NUL.
4003 request.multipart         The multipart body cannot be read.
4010 key.missing               No key and nobody signed in.
4011 key.unknown               There is no such key.
4012 key.expired               The key has expired.
4013 key.revoked               The key has been revoked.
4014 session.over              The session is over, or has something to do first (password, second factor).
4030 not_allowed               The key or the posts do not carry this duty here.
4031 form.expired              A write with a session needs the CSRF token (header X-CSRFToken).
4040 not_found                 There is no such thing, or none that you may know of.
4041 case.not_found            There is no such case, or none that you may see.
4042 flow.no_such_step         The life cycle has no such step, or it is not for machines.
4043 photo.not_found           There is no such photo.
4044 report.not_found          No report has this tracking code.
4050 method                    The address does not have this method; see the header Allow.
4090 conflict                  Somebody else was quicker.
4091 case.changed              The case has changed since the version you named; `changes` says how.
4092 flow.moved_on             The case is in a state that this step does not leave.
4093 once.again                The same request is being carried out at this moment.
4094 case.join_ended           The case to be joined has ended.
4120 if_match                  If-Match does not name the present version; `changes` says what happened since.
4130 request.too_large         The body is too large.
4150 request.content_type      The content type is not taken here.
4220 refused                   A rule of the house does not allow this; `reason` names it.
4221 request.fields            Fields are missing, unknown or of the wrong kind; `errors` lists them.
4222 once.other_request        This Idempotency-Key was used for another request.
4223 once.key                  The Idempotency-Key is empty, too long or unprintable.
4224 case.cursor               The cursor `after` belongs to no page of this list.
4225 flow.field_missing        The step needs a field that was not given.
4226 flow.field_unknown        The value is none of the choices.
4227 case.nothing_told         A report needs words or a photo.
4228 case.no_place             A report needs a point or a place.
4229 case.outside              The point lies outside the district.
42210 case.swapped             Longitude and latitude are the wrong way round.
42211 case.place_unknown       There is no such place.
42212 case.item_unknown        The catalogue has no such item.
42213 case.photo_unknown       A photo was never uploaded.
42214 case.photo_gone          A photo has expired or belongs to something else.
42215 case.too_many_photos     At most nine photos at a time.
42216 case.unknown_choice      The id names nothing.
42217 case.unit_ended          The unit no longer exists.
42218 case.bad_day             The day cannot be read.
42219 case.merge_self          A case cannot be merged into itself.
42220 case.merge_unknown       There is no case to merge into.
42221 case.merge_ended         The case to merge into has ended.
42222 case.merge_elsewhere     The case to merge into was itself merged elsewhere.
42223 case.rule_of_other_item  The filing rule belongs to another item.
42224 case.suspend_past        Suspended until a day that is over.
42225 case.suspend_long        Suspended for more than a year.
42226 case.reopen_too_late     The time to ask for reopening is over.
42227 geo.missing              Longitude or latitude is missing.
42228 geo.not_a_number         A coordinate is no number.
42229 geo.out_of_range         A coordinate is out of range.
42230 geo.not_finite           A coordinate is infinite.
42231 photo.none               No photo came.
4290 too_many                  Too many requests; see Retry-After.
4291 key.too_many              The key has used up its requests of this minute.
5000 error                     A defect of the house. It is logged; please tell the operator.
5030 unavailable               The house cannot work just now; see Retry-After.
5070 disk.full                 The disk of the house is full; nothing can be kept until there is room.
"""
CODES: tuple[Code, ...] = tuple(
    Code(f"LL-{number}", reason, words)
    for number, reason, words in (line.split(None, 2) for line in _TABLE.strip().splitlines())
)
BY_REASON = {code.reason: code for code in CODES}
BY_NUMBER = {code.number: code for code in CODES}


def code_of(reason: str, status: int) -> str:
    """The number of a reason under the status it is answered with; else the general one of the status."""
    found = BY_REASON.get(reason)
    if found is not None and found.status == status:
        return found.number
    general = f"LL-{status}0"
    return general if general in BY_NUMBER else ("LL-4000" if status < 500 else "LL-5000")
