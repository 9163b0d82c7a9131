"""What can be reported, and what may be told about each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from linli.doors.open311.answers import TYPES
from linli.doors.open311.gate import answers
from linli.doors.open311.reading import Call
from linli.doors.open311.services_of import definition, known_service, service_list


def _services(call: Call) -> HttpResponse:
    return HttpResponse(service_list(call.form), content_type=TYPES[call.form])


def _service(call: Call, code: str) -> tuple[str, Any]:
    return "service_definition", definition(known_service(code))


services = answers(get=_services)
service = answers(get=_service)
