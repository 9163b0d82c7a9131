from collections.abc import Iterator

from django.apps import AppConfig
from django.conf import settings


class HouseConfig(AppConfig):
    name = "linli.house"
    label = "house"

    def ready(self) -> None:
        from linli.doors.admin import running
        from linli.doors.setup import keeper
        from linli.house.new_house import HouseKeeper
        from linli.house.travel import ClockFile
        from linli.kernel import clock

        running.checks_come_from(_findings)
        keeper.kept_by(HouseKeeper())
        if settings.DEMO:
            clock.run_ahead(ClockFile(settings.LINLI_HOME / "clock").ahead)


def _findings() -> Iterator[tuple[str, str, str, str]]:
    """The findings of `./linli check` for the operations page."""
    from linli.house.checks import run

    for name, found in run():
        for finding in found:
            yield name, finding.level.value, finding.wrong, finding.mend
