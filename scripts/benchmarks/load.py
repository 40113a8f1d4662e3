"""Many clients at once against one server, each on a connection of its own."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to be sent, ready as bytes."""

    raw: bytes

    @classmethod
    def of(cls, method: str, path: str, token: str = "", told: object = None) -> "Ask":
        """Write a request.

        >>> Ask.of("GET", "/x").raw.partition(b" HTTP")[0]
        b'GET /x'
        """
        body = b"" if told is None else json.dumps(told).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"Authorization: Bearer {token}"] if token else []
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return cls("\r\n".join([*lines, "", ""]).encode() + body)


@dataclass(slots=True)
class Outcome:
    """What came of all requests."""

    took_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    wall_s: float = 0.0

    def percentile_ms(self, share: float) -> float:
        """How long that share of the requests took at most.

        >>> Outcome(took_s=[0.001, 0.002, 0.003, 0.004]).percentile_ms(0.5)
        2.0
        """
        ordered = sorted(self.took_s)
        place = max(0, min(len(ordered), round(share * len(ordered))) - 1)
        return 1_000 * ordered[place] if ordered else 0.0

    @property
    def per_s(self) -> float:
        """How many answers came in a second."""
        return len(self.took_s) / self.wall_s if self.wall_s else 0.0

    @property
    def failures(self) -> int:
        """How many were answered 5xx, or not at all."""
        of_server = sum(n for status, n in self.statuses.items() if status >= 500)
        return of_server + sum(self.broken.values())


def load(base_url: str, asks: Sequence[Ask], clients: int, seconds: float) -> Outcome:
    """Let clients ask, each one thing after the other, for a while.

    Parameters
    ----------
    base_url : str
        Of the server.
    asks : sequence of Ask
        Asked in turn, by all clients together.
    clients : int
        At once.
    seconds : float
        How long.

    Returns
    -------
    Outcome
        Of all of them.
    """
    return asyncio.run(_load(base_url, asks, clients, seconds))


async def _load(
    base_url: str, asks: Sequence[Ask], clients: int, seconds: float
) -> Outcome:
    parts = urlsplit(base_url)
    turn, outcome = itertools.cycle(asks), Outcome()
    began = time.monotonic()
    until = began + seconds
    each = (
        _client(parts.hostname or "", parts.port or 80, turn, until, outcome)
        for _ in range(clients)
    )
    await asyncio.gather(*each)
    outcome.wall_s = time.monotonic() - began
    return outcome


async def _client(
    host: str, port: int, turn: Iterator[Ask], until: float, outcome: Outcome
) -> None:
    """Be one client; a connection that breaks is counted, and opened again."""
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError as error:
            outcome.broken[type(error).__name__] += 1
            await asyncio.sleep(0.1)
            continue
        try:
            while time.monotonic() < until:
                began = time.perf_counter()
                writer.write(next(turn).raw)
                status = await asyncio.wait_for(_answer(reader), TIMEOUT_S)
                outcome.took_s.append(time.perf_counter() - began)
                outcome.statuses[status] += 1
        except (OSError, EOFError, TimeoutError) as error:
            outcome.broken[type(error).__name__] += 1
        finally:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one whole answer; return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, _, rest = head.partition(b"\r\n")
    fields = rest.lower().split(b"content-length:")
    length = int(fields[1].partition(b"\r\n")[0]) if len(fields) > 1 else 0
    await reader.readexactly(length)
    return int(first.split()[1])
