"""A person's data as one file: JSON, the pictures, and a page that says what is what."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from linli.rooms.cases.queries.personal import Copy


def as_file(copy: Copy, name: str) -> HttpResponse:
    """A ZIP to be saved, kept by nobody on the way."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps(copy.facts, ensure_ascii=False, indent=2))
        packed.writestr("README.txt", _readme())
        for inside, path in copy.photos.items():
            file = Path(settings.MEDIA_ROOT) / path
            if file.is_file():
                packed.write(file, inside)
    answer = HttpResponse(out.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


def _readme() -> str:
    return "\n".join(
        [
            _("data.json：账号、每一次上报、评价，以及谁在什么时候为什么看过联系方式。"),
            _("photos：随上报交来的照片，已去除拍摄设备的信息。"),
            _("时间是世界协调时（UTC），坐标是 WGS-84。"),
            "",
        ]
    )
