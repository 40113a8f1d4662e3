"""Real processes, a real sandbox, and a platform that misbehaves as it is told."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from material import talk

from voiceprep.sandbox import Sandbox

A_LINK = "http://127.0.0.1/a.pcm"  # what a mailing may play, unseen by the sandbox
SAMPLES = Path(__file__).parents[2] / "samples"
PATIENCE_S = 60  # with what should have ended; a busy machine takes its time
# SIGINT may be ignored where the tests run in the background, SIGHUP under nohup; not
# in the child.
START = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "signal.signal(signal.SIGHUP, signal.SIG_DFL);"
    "from voiceprep.cli import main; main()"
)
# As in pyproject.toml: a warning is an error, one of the stdlib's excepted.
WARNINGS = "error,ignore:'audioop' is deprecated:DeprecationWarning"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def last(self):
        return self.err.splitlines()[-1]

    @property
    def json(self):
        (line,) = self.lines  # one document, nothing beside it
        return json.loads(line)

    @property
    def results(self):
        return self.json["results"]


class Cli:
    """Run the command line as a shell does, in a home of its own."""

    def __init__(self, home, **env):
        self.home = home
        self.env = env

    def environ(self, env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("VOICEPREP_")}
        for name in ("NO_COLOR", "TERM", "LANG", "LC_ALL"):
            clean.pop(name, None)
        folders = {
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "TMPDIR": str(self.home / "tmp"),
            "PYTHONWARNINGS": WARNINGS,
        }
        return {**clean, **folders, **self.env, **{k: str(v) for k, v in env.items()}}

    def start(self, *words, code=START, cwd=None, env=None, **streams):
        words = [w if isinstance(w, bytes) else str(w) for w in words]
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=cwd or self.home,
            env=self.environ(env or {}),
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
        )

    def raw(self, *words, stdin=b"", timeout=60, **options):
        """Run and return exit code, bytes of stdout, bytes of stderr."""
        with self.start(*words, stdin=subprocess.PIPE, **options) as process:
            try:
                out, err = process.communicate(stdin, timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return process.returncode, out, err

    def __call__(self, *words, **options):
        code, out, err = self.raw(*words, **options)
        assert b"Traceback" not in err, err.decode()
        return Done(code, out.decode(errors="surrogateescape"), err.decode())

    def having(self, **env):
        return Cli(self.home, **{**self.env, **{k: str(v) for k, v in env.items()}})


@pytest.fixture
def cli(tmp_path):
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    return Cli(home)


@pytest.fixture(scope="session")
def samples():
    return SAMPLES


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), port=0) as running:
        yield running


@pytest.fixture
def at(cli):
    """The command line with the account of a sandbox."""

    def of(box):
        return cli.having(
            VOICEPREP_BASE_URL=box.base_url,
            VOICEPREP_CLIENT_ID=box.client_id,
            VOICEPREP_CLIENT_SECRET_FILE=box.client_secret_file,
        )

    return of


@pytest.fixture
def account(at, sandbox):
    """The command line with an account on the running sandbox."""
    return at(sandbox)


@pytest.fixture
def listed(sandbox):
    """List the sandbox's contents without our client: by tag or by name."""

    def ask(url, data=None, **headers):
        request = urllib.request.Request(url, data, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def contents(**filters):
        form = {
            "grant_type": "client_credentials",
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
        }
        token = ask(sandbox.token_url, urlencode(form).encode())["access_token"]
        query = urlencode({**filters, "limit": 100}, quote_via=quote)
        url = f"{sandbox.content_url}contents?{query}"
        return ask(url, Authorization=f"Bearer {token}")["list"]

    return contents


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


@pytest.fixture(name="fetch")
def _fetch():
    return fetch


@pytest.fixture
def record(tmp_path):
    """Record speech-like noise, 8 kHz mono: each seed is another recording."""

    def make(name="talk.wav", seconds=11.0, seed=1, folder=tmp_path):
        return talk(Path(folder) / name, seconds, seed)

    return make


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def end():
    """Signal a process and return its exit code; it must end by itself."""

    def send(process, number=signal.SIGTERM):
        process.send_signal(number)
        try:
            return process.wait(timeout=PATIENCE_S)
        finally:
            process.kill()

    return send


@dataclass
class Platform:
    """A platform by script: each call's answer as (status, body, headers)."""

    base_url: str = ""
    says: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def answer(self, method, path):
        listed = {"size": 0, "total": None, "list": [], "httpStatusCode": 200}
        token = {"access_token": TOKEN, "expires_in": 3600, "token_type": "bearer"}
        usual = {
            "POST /token": (200, json.dumps(token), {}),
            "GET /content/rest/contents": (200, json.dumps(listed), {}),
        }
        nothing = (404, '{"status":404,"message":"not scripted"}', {})
        key = f"{method} {path}"
        return self.says.get(key, usual.get(key, nothing))


TOKEN = "t0ken-of-the-platform"
SECRET = "pl4nted-s3cret-9c41"


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        platform = self.server.platform
        platform.seen.append((self.command, self.path, str(self.headers), body))
        status, said, headers = platform.answer(
            self.command, urlsplit(self.path).path.rstrip("/")
        )
        if said is None:  # never answers while the test says so
            platform.asked.set()
            platform.may_answer.wait(20)
            said = ""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.encode())))
        self.end_headers()
        self.wfile.write(said.encode())

    do_GET = do_POST = do_DELETE = do_PUT = answer  # noqa: N815 (http.server's words)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing the server joins them

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is part of the tests


@pytest.fixture
def platforms():
    """Start scripted platforms; all end with the test."""
    running = []

    def start(port=0):
        server = Server(("127.0.0.1", port), Handler)
        server.platform = Platform(f"http://127.0.0.1:{server.server_address[1]}/")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return server.platform

    yield start
    for server, thread in running:
        server.platform.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def platform(platforms):
    return platforms()


@pytest.fixture
def customer(cli):
    """The command line with an account at a platform; its secret is planted."""

    def of(base_url):
        return cli.having(
            VOICEPREP_BASE_URL=base_url,
            VOICEPREP_CLIENT_ID="acme",
            VOICEPREP_CLIENT_SECRET=SECRET,
            VOICEPREP_BACKOFF_S="0.01",
            VOICEPREP_LOOKUP_GAP_S="0.01",
        )

    return of


@pytest.fixture(scope="session")
def planted():
    """The two words that must never be seen."""
    return SECRET, TOKEN


# Calls: a list of three people, planned and sent


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "box", port=0) as running:
        yield running


@pytest.fixture
def shell(cli, box):
    """The command line with an account on a sandbox of this test's own."""
    return cli.having(
        VOICEPREP_BASE_URL=box.base_url,
        VOICEPREP_CLIENT_ID=box.client_id,
        VOICEPREP_CLIENT_SECRET_FILE=box.client_secret_file,
        VOICEPREP_LOOKUP_GAP_S="0.01",
    )


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("nom;tel\nA;0639980011\nB;06 39 98 00 12\nC;0639980013\nD;15\n")
    return path


@pytest.fixture
def uploaded(shell, record):
    """Upload a talk; return the path and its two links."""

    def go(shell=shell):
        path = record()
        content = shell("upload", path, "--json").results[0]["content"]
        return path, content["url"], content["url_encoded"]

    return go


@pytest.fixture(scope="session")
def later():
    """Return a date on which calls may begin."""
    return (datetime.now(UTC) + timedelta(days=9)).isoformat(timespec="seconds")


@pytest.fixture
def planned(shell, people, tmp_path, uploaded, later):
    """Plan calls; return the plan's path and its campaign.

    What is played is a link that the sandbox takes unseen, unless a talk is asked for.
    """

    def go(*words, shell=shell, content=A_LINK, when=("--at", later), name="Relance"):
        path = tmp_path / f"{name}.plan.json"
        done = shell(
            *("mailing", "plan", "--content", content or uploaded(shell)[2]),
            *("--contacts", people, "--name", name, "--window", "any"),
            *("-o", path, *when, *words),
        )
        assert done.code == 0, done.err
        return path, json.loads(path.read_text())["campaign"]

    return go
