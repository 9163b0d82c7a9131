"""Browsers without a screen: sign in once, keep the connection, send what a browser would send."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

Answer = tuple[int, str, dict[str, str]]
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """One person's browser: cookies, one kept connection, the form token of the page it last read."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {"linli_language": "zh-hans"}
        self.token = ""

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields})
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def put_in(self, path: str, body: str, **headers: str) -> Answer:
        """What a machine posts: no cookie decides, no form token is needed."""
        return self._ask("POST", path, body, headers)

    def read_form(self, path: str) -> str:
        """Open a page with a form; later posts carry its token."""
        status, page, _headers = self.get(path)
        found = _TOKEN.search(page)
        if status != 200 or found is None:
            raise SystemExit(f"{path} answered {status} without a form")
        self.token = found.group(1)
        return page

    def sign_in(self, username: str, password: str) -> None:
        self.read_form("/accounts/login/")
        status, page, _headers = self.post("/accounts/login/", {"login": username, "password": password})
        if status != 302:
            raise SystemExit(f"{username} could not sign in: {status} {page[:400]}")

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Encoding": "identity",
            "Accept-Language": "zh-CN",
            **headers,
        }
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        except ConnectionError:  # kept too long: a browser opens another one
            self.connection.close()
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        content = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, content, {name.lower(): value for name, value in answer.headers.items()}


Work = Callable[[Browser, int], int]


def load(browsers: list[Browser], work: Work, rounds: int, expect: int) -> list[float]:
    """Do `work` `rounds` times, shared among the browsers: the milliseconds of each. Another status ends it."""
    spans: list[float] = []
    wrong: list[int] = []
    lock = threading.Lock()
    numbers = iter(range(rounds))

    def one(browser: Browser) -> None:
        while not wrong:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            began = time.perf_counter()
            status = work(browser, number)
            span = (time.perf_counter() - began) * 1000
            with lock:
                spans.append(span)
                if status != expect:
                    wrong.append(status)

    threads = [threading.Thread(target=one, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"the house answered {wrong[0]} instead of {expect}")
    return sorted(spans)


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
