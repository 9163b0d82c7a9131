"""Where a PostgreSQL database is and how to sign in to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit


class BadAddress(ValueError):
    """The text is no address of a PostgreSQL database."""


@dataclass(frozen=True, slots=True)
class Address:
    """One database: `host` is a name, an IP address, or the folder of a Unix socket."""

    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int = 5432
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read `postgresql://user:password@host:port/name?option=…`, also with `host=/folder` as option.

        Raises BadAddress with a sentence that does not repeat the password.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"postgres", "postgresql"}:
            raise BadAddress("The database address must begin with postgresql://")
        # In these addresses a plus is a plus: only forms of web pages mean a space by it.
        options = dict(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
        try:
            port = int(options.pop("port", "") or parts.port or 5432)
        except ValueError:
            raise BadAddress("The port in the database address is no number") from None
        name = unquote(parts.path.lstrip("/")) or options.pop("dbname", "")
        if not name:
            raise BadAddress("The database address names no database: it should end with /name")
        return cls(
            name=name,
            user=unquote(parts.username or "") or options.pop("user", ""),
            password=unquote(parts.password or "") or options.pop("password", ""),
            host=options.pop("host", "") or unquote(parts.hostname or ""),
            port=port,
            options=tuple(options.items()),
        )

    def with_name(self, name: str) -> Address:
        """The same server, another database."""
        return replace(self, name=name)

    def url(self) -> str:
        """As psql and psycopg understand it, password included."""
        login = quote(self.user, safe="")
        if self.password:
            login += ":" + quote(self.password, safe="")
        options = list(self.options)
        host = self.host
        if host.startswith("/"):
            options.insert(0, ("host", host))
            host = ""
        elif ":" in host:
            host = f"[{host}]"
        tail = "?" + urlencode(options, quote_via=quote) if options else ""
        port = f":{self.port}" if self.port else ""
        return f"postgresql://{login}@{host}{port}/{quote(self.name, safe='')}{tail}"

    def __str__(self) -> str:
        shown = replace(self, password="") if self.password else self
        return shown.url()
