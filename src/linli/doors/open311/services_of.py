"""The catalogue as services: each matter that can be reported now, with the attributes that help to file it.

Written once for each revision of the catalogue, language and form, then answered from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.doors.open311.answers import written
from linli.kernel.errors import NotFound
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.catalogue.snapshot import Catalogue, ItemEntry, RuleEntry

CONDITION = "condition"


def service_list(form: str) -> bytes:
    """All services, written."""
    return _service_list(catalogue().token, get_language() or "", form)


@lru_cache(maxsize=8)
def _service_list(token: UUID, language: str, form: str) -> bytes:
    present = catalogue()
    return written("services", [service(present, item) for item in present.matters], form)


def service(present: Catalogue, item: ItemEntry) -> dict[str, Any]:
    """One service of the list. Everyday words of the matter and of the thing it is about are its keywords."""
    rule = present.default_rule(item.key)
    return {
        "service_code": item.key,
        "service_name": item.name,
        "description": rule.condition if rule else item.name,
        "metadata": has_conditions(present, item),
        "type": "realtime",
        "keywords": ", ".join(dict.fromkeys(present.words_of(item))),
        "group": item.matter_class.name,
    }


def has_conditions(present: Catalogue, item: ItemEntry) -> bool:
    """Whether there is something to choose: an item with one filing rule asks nothing."""
    return len(present.rules_for(item.key)) > 1


def known_service(code: str) -> ItemEntry:
    """The matter a service code stands for; a retired code stands for what followed it. Raises NotFound."""
    item = catalogue().resolve(code.strip()[:12])
    if item is None or not item.active or item.kind != "matter":
        raise NotFound(_("没有 service_code “%(code)s”。") % {"code": code[:40]}, code="open311.service")
    return item


def definition(item: ItemEntry) -> dict[str, Any]:
    """The attributes of a service: the condition that was met with, when the filing rules tell several apart."""
    present = catalogue()
    attributes = []
    if has_conditions(present, item):
        attributes.append(
            {
                "variable": True,
                "code": CONDITION,
                "datatype": "singlevaluelist",
                "required": False,
                "datatype_description": _("选最像的一种；不确定可以不选。"),
                "order": 1,
                "description": _("现场是哪种情形？"),
                "values": [
                    {"key": key, "name": _("%(words)s（%(limit)s）") % {"words": rule.condition, "limit": rule.limit}}
                    for key, rule in conditions(item).items()
                ],
            }
        )
    return {"service_code": item.key, "attributes": attributes}


def conditions(item: ItemEntry) -> Mapping[str, RuleEntry]:
    """The conditions to choose from, by the key a client sends: the number of the filing rule."""
    return {str(rule.id): rule for rule in catalogue().rules_for(item.key)}
