"""The sandbox under 200 clients, beside a bare application on the same server."""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from benchmarks.load import Ask, Outcome, load
from benchmarks.options import Options
from benchmarks.report import Report, Target
from benchmarks.speed import tell

CLIENTS = 200
SECONDS = 60.0
SECONDS_QUICK = 8.0
WARM_S = 3.0
MAX_GROWTH_MB = 50.0
HEADING = (
    *("work", "server", "requests/s", "p50 ms", "p99 ms"),
    *("failed", "MB before", "MB after"),
)
HELLO = (sys.executable, "-m", "benchmarks.hello")
NOTE = f"{CLIENTS} clients, keep-alive; 8 reads of 10; calls are made meanwhile."


@dataclass(frozen=True, slots=True)
class Loaded:
    """A server's outcome, and its memory (Linux) before and after."""

    outcome: Outcome
    before_mb: float
    after_mb: float


def sandbox(options: Options) -> Report:
    """Measure the sandbox and the bare application in turn.

    Parameters
    ----------
    options : Options
        `quick` takes 8 s instead of 60.

    Returns
    -------
    Report
        A row for each server.
    """
    seconds = SECONDS_QUICK if options.quick else SECONDS
    data = options.work / "sandbox"
    shutil.rmtree(data, ignore_errors=True)
    words = ("sandbox", "--port", "0", "--data", str(data))
    ours = loaded((*options.voiceprep, *words), mixed, seconds)
    hello = loaded(HELLO, lambda _: [Ask.of("GET", "/")], seconds)
    rows = (row("mixed", "sandbox", ours), row("hello", "bare Starlette", hello))
    return Report(HEADING, rows, targets(ours), (NOTE, statuses(ours.outcome)))


def loaded(
    command: Sequence[str], asks: Callable[[dict[str, str]], list[Ask]], seconds: float
) -> Loaded:
    """Start a server, warm it, load it."""
    tell(f"{' '.join(command[-5:])} for {seconds:g} s …")
    with served(command) as (told, pid):
        work = asks(told)
        load(told["base_url"], work, CLIENTS, WARM_S)
        before = resident_mb(pid)
        outcome = load(told["base_url"], work, CLIENTS, seconds)
        return Loaded(outcome, before, resident_mb(pid))


@contextmanager
def served(command: Sequence[str]) -> Iterator[tuple[dict[str, str], int]]:
    """Run a server that says in one JSON line where it listens.

    Its stderr is drained, so that it never waits for us.
    """
    here = str(Path(__file__).parents[1])
    with subprocess.Popen(
        list(command), cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        try:
            yield json.loads(process.stdout.readline()), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
            drain.join()


def mixed(told: dict[str, str]) -> list[Ask]:
    """Write ten requests, eight of them reads, on a campaign of 20 mailings."""
    token = token_of(told)
    for number in range(20):
        create(told, token, number)
    mailings, messages = "/rest/mailings", "/rest/messages"
    reads = [
        (f"{mailings}?limit=10&sort=id%20DESC", None),
        (f"{mailings}?name=Campaign%201&properties=id,stats", None),
        (f"{mailings}?id=1,2,3", None),
        (f"{messages}?mailingId=1&limit=20", None),
        (f"{messages}?id=1,2,3&properties=id,currentStatus", None),
        (f"{messages}?mailingName=Campaign%202&status=ok&limit=20", None),
        ("/content/rest/contents?limit=10", None),
        (f"{mailings}?limit=1&total=true", None),
    ]
    asks = [Ask.of("GET", path, token) for path, _ in reads]
    rename = {"metaData": json.dumps({"name": "Campaign 0"})}
    asks.insert(3, Ask.of("POST", mailings, token, mailing(0)))
    asks.insert(8, Ask.of("PUT", f"{mailings}?id=20", token, rename))
    return asks


def token_of(told: dict[str, str]) -> str:
    """Ask for a token."""
    secret = Path(told["client_secret_file"]).read_text(encoding="utf-8").strip()
    form = {
        "grant_type": "client_credentials",
        "client_id": told["client_id"],
        "client_secret": secret,
    }
    request = Request(told["token_url"], urlencode(form).encode())  # noqa: S310 (ours)
    with urlopen(request, timeout=30) as answer:  # noqa: S310 (the server we started)
        return str(json.loads(answer.read())["access_token"])


def mailing(number: int) -> dict[str, object]:
    """Describe a mailing of ten contacts that nobody has."""
    contacts = [{"recipient": f"+3363998{1_000 + n:04d}"} for n in range(10)]
    later = "2099-01-01T10:00:00Z"
    return {
        "name": f"Campaign {number % 5}",
        "link": "http://127.0.0.1:9/a.wav",
        "media": "VOICE",
        "type": "wav",
        "contacts": contacts,
        **({"date": later} if number == 19 else {}),  # the one that is renamed
    }


def create(told: dict[str, str], token: str, number: int) -> None:
    """Create a mailing."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps(mailing(number)).encode()
    request = Request(told["api_url"] + "mailings", body, headers)  # noqa: S310 (ours)
    urlopen(request, timeout=30).close()  # noqa: S310 (the server we started)


def resident_mb(pid: int) -> float:
    """Read a process's resident memory; it rests for a moment first."""
    time.sleep(0.5)
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kib = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib.split()[1]) * 1.024 / 1_000


def row(work: str, server: str, measured: Loaded) -> tuple[str, ...]:
    """Set one server's numbers in a row."""
    outcome = measured.outcome
    times = (outcome.percentile_ms(0.5), outcome.percentile_ms(0.99))
    return (
        *(work, server, f"{outcome.per_s:.0f}", *(f"{each:.1f}" for each in times)),
        *(str(outcome.failures), f"{measured.before_mb:.1f}"),
        f"{measured.after_mb:.1f}",
    )


def statuses(outcome: Outcome) -> str:
    """Say how often each status came."""
    counted = sorted((outcome.statuses | outcome.broken).items(), key=str)
    return "Answers: " + ", ".join(f"{count} × {name}" for name, count in counted)


def targets(measured: Loaded) -> tuple[Target, ...]:
    """Hold issue 3, Done-when 6, against the numbers."""
    growth = measured.after_mb - measured.before_mb
    return (
        Target("5xx and broken connections", float(measured.outcome.failures), 0.0),
        Target("growth of memory", growth, MAX_GROWTH_MB, unit=" MB"),
    )
