#!/usr/bin/env python3
"""Send a sandbox malformed requests and judge what it does: fuzz_sandbox.py [N].

Requests are drawn by hypothesis, from a seed, in all the ways in which one can be
malformed: lines, headers, lengths, encodings, parameters, files, names that want to
do harm. The sandbox must answer each with a status of its own and never with 5xx, show
no traceback, answer the next sane call, and refuse a body over the limit before it is
read.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import logging
import select
import socket
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from voiceprep.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
PATIENCE_S: Final = 20.0
MUTE_S: Final = 0.3  # how long an unfinished request is waited for

VERBS: Final = (
    *("GET", "POST", "PUT", "DELETE", "GET", "POST", "PUT", "DELETE"),
    *("PATCH", "HEAD", "OPTIONS", "TRACE"),
)
_RESOURCES: Final = ("/content/rest/contents", "/rest/mailings", "/rest/messages")
PATHS: Final = (
    *(_RESOURCES * 4),  # most of what can go wrong is behind these
    "/token",
    "/rest/nothing",
    "/datas/x/y",
    "/",
    "/.well-known/voiceprep-sandbox",
    "/_sandbox/reset",
)
ENDINGS: Final = (*([""] * 8), "/", ".json", ".xml", ".csv", ".js", ".pdf", ".", "//")
NAMES: Final = (
    *("id", "name", "tags", "limit", "offset", "total", "sort", "properties"),
    *("metaData", "action", "callback", "access_token", "format", "contacts", "link"),
    *("media", "type", "date", "pingUrl", "mailingId", "mailingName", "status"),
    *("grant_type", "client_id", "client_secret", "contentFile", "nonce", "_"),
)
HOSTILE: Final = (
    *("../../x", "..\\..\\x", "/etc/passwd", "C:\\x", "CON", ".", "..", "a\x00b"),
    *("alert(1)//", "f", "=cmd()", "+1", "-1", "@SUM(A1)", "\t=1"),
    *("<script>alert(1)</script>", "\u202egpj.exe", "\ufeff", "\ud800", "\U0001f600"),
    *("' OR 1=1 --", '"; DROP TABLE contents; --', "%00", "%2e%2e%2f", "{{7*7}}"),
    *("{", "[", '{"a":', "[[" * 40, '{"name":"x"}', '{"tags":[{}]}', "'{}'", "null"),
    *('[{"recipient":"+33612345678"}]', '[{"recipient":{}}]', "[null]", "[1e999]"),
    *("1e309", "9" * 30, "-0", "0x1", "NaN", "\u0663", "true", "id ASC", "id;DESC"),
    *("DEFAULT,-id", "DEFAULT", "client_id", "folder", "secret_hash", "-"),
    *("2090-01-01T10:00:00", "0000-00-00", "9999-12-31T23:59:59+23:59", "-1"),
    *("http://127.0.0.1:9/#id#", "http://[::1", "file:///etc/passwd", "gopher://x/"),
    *("VOICE", "VOICEMAIL", "wav", "vxml", "read", "create", "update", "delete"),
)
KINDS: Final = (
    *("application/x-www-form-urlencoded", "application/json", "multipart/form-data"),
    *("multipart/form-data; boundary=x", 'multipart/form-data; boundary=""', "a/b"),
    *("application/json; charset=utf-7", "text/plain", "", ";;;", "multipart/mixed"),
    "multipart/form-data; boundary=" + "x" * 200,
)

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
names = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(lambda name: f"{name}[]"),
    st.builds("{}[{}][{}]".format, st.sampled_from(NAMES), texts, texts),
    st.text(max_size=12),
)
pairs = st.lists(st.tuples(names, texts), max_size=6)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)
    ),
    max_leaves=12,
)


def _escaped(text: str) -> str:
    return quote(text.encode("utf-8", errors="surrogatepass"))


def _urlencoded(fields: list[tuple[str, str]]) -> bytes:
    row = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in fields)
    return row.encode()


def _multipart(fields: list[tuple[str, str]], filename: str, raw: bytes) -> bytes:
    def part(head: str, value: bytes) -> bytes:
        told = f"Content-Disposition: form-data; {head}\r\n\r\n"
        return b"--x\r\n" + told.encode("utf-8", "surrogatepass") + value + b"\r\n"

    rows = [part(f'name="{n}"', v.encode("utf-8", "replace")) for n, v in fields]
    file = part(f'name="contentFile"; filename="{filename}"', raw)
    return b"".join([*rows, file]) + b"--x--\r\n"


def _mostly(
    usual: st.SearchStrategy[T], odd: st.SearchStrategy[T], times: int = 9
) -> st.SearchStrategy[T]:
    """Draw the odd one once in a while: else the HTTP parser alone is tested."""
    return st.integers(0, times).flatmap(lambda n: odd if n == times else usual)


queries = _mostly(
    pairs.map(_urlencoded),
    st.binary(max_size=30).map(lambda raw: raw.replace(b" ", b"+")),
)
bodies = st.one_of(
    st.just(b""),
    pairs.map(_urlencoded),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.builds(_multipart, pairs, texts, st.binary(max_size=100)),
    st.binary(max_size=200),
)


@dataclass(frozen=True)
class Call:
    """A request as it may be told wrongly, before it is bytes."""

    verb: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    signed: bool
    version: bytes
    length: int | None  # another one than the body's

    def on_the_wire(self, token: str) -> bytes:
        """Return the bytes."""
        line = b"%s %s %s" % (self.verb.encode(), self.target, self.version)
        headers = [(b"Host", b"127.0.0.1"), *self.headers]
        if self.signed:
            headers.append((b"Authorization", b"Bearer " + token.encode()))
        length = len(self.body) if self.length is None else self.length
        if self.body or self.length is not None:
            headers.append((b"Content-Length", str(length).encode()))
        rows = b"".join(b"%s: %s\r\n" % each for each in headers)
        return line + b"\r\n" + rows + b"\r\n" + self.body


strange_headers = st.one_of(
    st.tuples(st.just(b"Accept"), texts.map(lambda t: _escaped(t).encode())),
    st.tuples(st.just(b"Accept"), st.sampled_from([b"text/csv", b"application/xml"])),
    st.tuples(st.just(b"Authorization"), st.binary(max_size=30)),
    st.tuples(st.just(b"Expect"), st.sampled_from([b"100-continue", b"200-ok"])),
    st.tuples(st.just(b"Transfer-Encoding"), st.sampled_from([b"chunked", b"gzip"])),
    st.tuples(st.just(b"Connection"), st.sampled_from([b"close", b"upgrade", b"x"])),
    st.tuples(st.just(b"Range"), st.sampled_from([b"bytes=0-0", b"bytes=9-1", b"x"])),
    st.tuples(st.just(b"X-Odd"), st.binary(max_size=30)),
)
targets = st.builds(
    lambda path, ending, query: (path + ending).encode() + (query and b"?" + query),
    st.sampled_from(PATHS),
    st.sampled_from(ENDINGS),
    queries,
)
calls = st.builds(
    lambda kind, headers, **told: Call(
        headers=[(b"Content-Type", kind.encode()), *headers], **told
    ),
    verb=st.sampled_from(VERBS),
    target=_mostly(targets, st.binary(min_size=1, max_size=40)),
    kind=st.sampled_from(KINDS),
    headers=_mostly(st.just([]), st.lists(strange_headers, max_size=2), 2),
    body=bodies,
    signed=_mostly(st.just(value=True), st.just(value=False)),
    version=_mostly(
        st.just(b"HTTP/1.1"), st.sampled_from([b"HTTP/1.0", b"HTTP/9", b""]), 19
    ),
    length=_mostly(st.none(), st.sampled_from([0, 1, 10**9, 10**30, -1]), 19),
)


class JudgementError(AssertionError):
    """Say what a sandbox did that it must not do."""


@dataclass
class Judge:
    """Send requests to a sandbox and judge its answers."""

    sandbox: Sandbox
    token: str = ""
    seen: Counter[str] = field(default_factory=Counter)
    sent: int = 0

    def __post_init__(self) -> None:
        """Ask for a token, sanely."""
        body = _urlencoded(
            [
                ("grant_type", "client_credentials"),
                ("client_id", self.sandbox.client_id),
                ("client_secret", self.sandbox.client_secret),
            ]
        )
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        _, raw = self._sane("POST", "/token", body, kind)
        self.token = json.loads(raw)["access_token"]

    def judge(self, call: Call) -> None:
        """Send one call; raise `JudgementError` for what must not be."""
        answer = self._answer(call.on_the_wire(self.token))
        self.sent += 1
        first = answer.partition(b"\r\n")[0]
        self.seen[first[9:12].decode("latin-1") or "closed"] += 1
        if first[9:10] == b"5":
            raise JudgementError(f"{first!r} to {call}")
        if b"Traceback" in answer or b'File "' in answer:
            raise JudgementError(f"a traceback: {answer[:500]!r} to {call}")
        if self.sent % 50 == 0:
            self.check_alive()

    def check_alive(self) -> None:
        """Make a sane call."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        status, _ = self._sane("GET", "/content/rest/contents?limit=1", None, bearer)
        if status != 200:
            raise JudgementError(f"{status} to a sane call after {self.sent} others")

    def check_limits(self) -> None:
        """See that a body over the limit is refused before it is read."""
        for path, kind in (
            ("/content/rest/contents", "multipart/form-data; boundary=x"),
            ("/rest/mailings", "application/json"),
            ("/token", "application/x-www-form-urlencoded"),
        ):
            for head in ("Content-Length: 99999999999", "Transfer-Encoding: chunked"):
                self._check_limit(path, f"Content-Type: {kind}\r\n{head}")

    def _check_limit(self, path: str, head: str) -> None:
        """Send without end; the sandbox must say no long before gigabytes."""
        start = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}"
        block = b"x" * 65_536
        chunk = b"%x\r\n%s\r\n" % (len(block), block) if "chunked" in head else block
        with self._line() as line:
            line.sendall(f"{start}\r\n{head}\r\n\r\n".encode())
            sent = 0
            with contextlib.suppress(OSError):  # it may hang up while we talk
                while sent < 64 << 20 and not _speaks(line):
                    line.sendall(chunk)
                    sent += len(block)
            answer = b""
            with contextlib.suppress(OSError):
                answer = line.recv(100)
        if sent >= 64 << 20:
            raise JudgementError(f"{path} reads on after 64 MiB ({head})")
        if answer[9:10] == b"5":
            raise JudgementError(f"{answer!r} to an endless body at {path}")

    def _answer(self, raw: bytes) -> bytes:
        """Return what comes back, until the sandbox hangs up or falls silent."""
        found = b""
        with self._line() as line, contextlib.suppress(ConnectionError):
            line.sendall(raw)
            line.settimeout(MUTE_S)
            with contextlib.suppress(TimeoutError):
                while not _is_whole(found) and (some := line.recv(65_536)):
                    found += some
        return found

    def _line(self) -> socket.socket:
        place = ("127.0.0.1", self.sandbox.port)
        return socket.create_connection(place, timeout=PATIENCE_S)

    def _sane(
        self, verb: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.sandbox.port, timeout=60)
        with contextlib.closing(line):
            line.request(verb, path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read()


def _speaks(line: socket.socket) -> bool:
    return bool(select.select([line], [], [], 0)[0])


def _is_whole(found: bytes) -> bool:
    """Tell whether an answer has come to its own end."""
    head, gap, body = found.partition(b"\r\n\r\n")
    if not gap or head[9:10] == b"1":
        return False
    rows = (row.lower().partition(b": ") for row in head.split(b"\r\n"))
    lengths = [int(value) for name, _, value in rows if name == b"content-length"]
    return bool(lengths) and len(body) >= lengths[0]


@contextlib.contextmanager
def complaints() -> Iterator[list[str]]:
    """Collect what the server would log of its own failures."""
    found: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(self.format(record))

    handler = Handler(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(handler)


def fuzz(sandbox: Sandbox, count: int, start: int = 11) -> Counter[str]:
    """Send `count` malformed requests; return how many got which status.

    Raises
    ------
    JudgementError
        At the first one (made smaller) that the sandbox gets wrong.
    """
    judge = Judge(sandbox)

    @seed(start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(calls)
    def each(call: Call) -> None:
        judge.judge(call)

    with complaints() as logged:
        each()
        judge.check_limits()
        judge.check_alive()
    if logged:
        raise JudgementError(f"{len(logged)} complaints in the log: {logged[0]}")
    return judge.seen


def main() -> None:
    """Fuzz a sandbox of its own and print what it answered."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("count", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=11)
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as data, Sandbox(data) as sandbox:
        seen = fuzz(sandbox, asked.count, asked.seed)
    took_s = time.monotonic() - began
    print(f"{sum(seen.values())} malformed requests in {took_s:.0f} s, no 5xx:")
    for status, times in sorted(seen.items()):
        print(f"  {status:>6} {times}")


if __name__ == "__main__":
    main()
