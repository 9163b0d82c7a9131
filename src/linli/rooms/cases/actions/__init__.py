"""The verbs of the room: the only code that writes cases.

- `intake`: `report_problem`, `join_case`: somebody tells of a problem.
- `steps`: `take`: one step of the flow, by one person, once.
- `photos`: `keep_photo`: a picture is taken in before the form it belongs to is sent.
- `contact`: `reveal_contact`: a reporter's phone number, on record.
- `lists`: a sheet of problems, seen first, then taken in whole.
- `settings`: saved views and the limits of the steps.
"""
