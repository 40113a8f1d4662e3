"""A scripted platform on a real socket: answers written by hand from the contract."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from platform_rows import content, mailing, message, stats

from voiceprep.client import Client, Settings

SECRET = "pl4nted-s3cret"
TOKEN = "t0ken-of-the-platform"


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    port: int = 0  # the client's end of the connection

    @property
    def form(self):
        return parse_qs(self.body.decode(), keep_blank_values=True)


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False  # close the connection without a word
    hang: threading.Event | None = None  # wait for it before answering
    raw: bytes | None = None  # these very bytes, then close
    reset: bool = False  # end the connection by a reset, not by a close


def reply(document=None, status=200, **headers):
    body = b"" if document is None else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, {"Content-Type": "application/json", **named})


def token_reply(token=TOKEN, expires_in=3600, **headers):
    document = {"access_token": token, "expires_in": expires_in}
    return reply({**document, "token_type": "bearer", "scope": "basic"}, **headers)


def rows(*contents, status=200):
    document = {"size": len(contents), "total": None, "list": list(contents)}
    return reply({**document, "httpStatusCode": status}, status)


class Platform:
    """Answer each path by its script; the last line of a script repeats."""

    def __init__(self, server):
        self._server = server
        self._lock = threading.Lock()
        self._scripts = defaultdict(list)
        self.seen: list[Seen] = []
        self.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        self.says("POST /token", token_reply())

    def says(self, call, *replies):
        self._scripts[call] = list(replies)

    def next_reply(self, seen):
        with self._lock:
            self.seen.append(seen)
            script = self._scripts[f"{seen.method} {seen.path}"]
            if not script:
                return reply({"status": 404, "message": "not scripted"}, 404)
            return script.pop(0) if len(script) > 1 else script[0]

    def calls(self, path):
        return [seen for seen in self.seen if seen.path == path]

    def settings(self, **fields):
        base = {"base_url": self.base_url, "client_id": "acme"}
        flags = {key: str(value) for key, value in fields.items()}
        flags = {**base, "client_secret": SECRET, **flags}
        return Settings.load(flags, environ={})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    wbufsize = -1  # head and body in one packet: no 40 ms for a delayed ACK
    disable_nagle_algorithm = True

    def __getattr__(self, name):
        # http.server looks for do_GET, do_POST and so on: all verbs are alike.
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # the client gave up: no whole request was seen
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(
            self.command,
            parts.path,
            parse_qs(parts.query),
            headers,
            body,
            self.client_address[1],
        )
        self.write(self.server.platform.next_reply(seen))

    def write(self, answer):
        if answer.hang is not None:
            answer.hang.wait(10)
        if answer.drop or answer.raw is not None:
            self.wfile.write(answer.raw or b"")
            self.wfile.flush()
            self.close_connection = True
            if answer.reset:  # lingering for 0 s: what is not read yet is dropped
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in {204, 304} and "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        if int(answer.headers.get("Content-Length", 0)) > len(answer.body):
            self.close_connection = True  # less than was promised

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing the server joins them
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is part of the tests


@pytest.fixture
def platforms():
    """Start platforms on demand; all are stopped at the test's end."""
    servers = []

    def start():
        server = Server(("127.0.0.1", 0), Handler)
        server.platform = Platform(server)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return server.platform

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def platform(platforms):
    return platforms()


class Clock:
    """Count seconds by hand; a pause moves it on and is written down."""

    def __init__(self):
        self.now = 1000.0
        self.pauses = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(platform, clock):
    settings = platform.settings()
    with Client(settings, clock=clock, sleep=clock.sleep, jitter=lambda: 0.5) as one:
        yield one


@pytest.fixture
def say():
    """Give the tests the words of the scripted platform."""
    return Words


class Words:
    Reply = Reply
    reply = staticmethod(reply)
    token = staticmethod(token_reply)
    content = staticmethod(content)
    rows = staticmethod(rows)
    mailing = staticmethod(mailing)
    message = staticmethod(message)
    stats = staticmethod(stats)
    SECRET = SECRET
    TOKEN = TOKEN
