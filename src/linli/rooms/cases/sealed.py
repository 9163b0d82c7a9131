"""The sealed columns of this room, for a change of keys (`kernel.seal.rotation`)."""

from linli.kernel.seal.rotation import sealed_column


def _of(column: str) -> None:
    sealed_column("cases_report", f"{column}_sealed", lambda uid: f"cases_report:{column}:{uid}", named_by=["uid"])


for _column in ("name", "phone", "mail"):
    _of(_column)
