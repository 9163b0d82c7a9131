"""What the set-up in the browser needs of the house: the one-time token, and how far it has come."""

from __future__ import annotations

from typing import Any

from linli.house.home import Home
from linli.house.models import Note

NOTE = "setup"


class HouseKeeper:
    """The token lies in the home folder, the progress in the database."""

    def token(self) -> str:
        """The token of the link that `./linli serve` prints; "" when there is none."""
        try:
            return (Home.current().secrets / "setup_token").read_text().strip()
        except OSError:
            return ""

    def forget_token(self) -> None:
        """The link has done its work."""
        Home.current().forget_setup_token()

    def read(self) -> dict[str, Any]:
        """Progress as it was written last; {} in a house that was never set up in the browser."""
        return Note.read(NOTE) or {}

    def write(self, progress: dict[str, Any]) -> None:
        """Keep the progress."""
        Note.write(NOTE, progress)
