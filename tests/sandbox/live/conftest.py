"""Sandboxes whose time, outcomes and troubles a test decides; a receiver of pings."""

import json
import math
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pings import Account, mobile, until

from voiceprep.sandbox import Sandbox


def wav(seconds=10.0):
    """Write a tone by hand: 8 kHz, mono, 16 bits."""
    steps = range(round(seconds * 8_000))
    pcm = b"".join(struct.pack("<h", int(9_000 * math.sin(n / 3))) for n in steps)
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8_000, 16_000, 2, 16)
    size = struct.pack("<4sI", b"data", len(pcm))
    return b"RIFF" + struct.pack("<I", 28 + len(pcm) + 8) + b"WAVE" + fmt + size + pcm


class Caller(Account):
    """Order what a test needs, and read what came of it."""

    def mailing(self, recipients=("+33639980001",), **fields):
        """Create a mailing; return its id."""
        told = {
            "name": "Relance",
            "link": "http://127.0.0.1:9/relance.pcm",
            "media": "VOICE",
            "type": "wav",
            "contacts": [{"recipient": number} for number in recipients],
            **fields,
        }
        status, said = self.ask("POST", "/rest/mailings", told)
        assert status == 201, said
        return said["list"][0]["id"]

    def stats(self, mailing):
        said = self.ask("GET", f"/rest/mailings?id={mailing}&properties=id,stats")[1]
        return said["list"][0]["stats"]

    def messages(self, mailing):
        return self.ask("GET", f"/rest/messages?mailingId={mailing}")[1]["list"]

    def upload(self, name="Relance", file=None):
        """Upload a recording; return the status and the JSON."""
        mark = "0123456789"
        field_ = 'Content-Disposition: form-data; name="name"'
        part = 'Content-Disposition: form-data; name="contentFile"; filename="r.wav"'
        head = f"--{mark}\r\n{field_}\r\n\r\n{name}\r\n--{mark}\r\n{part}\r\n\r\n"
        body = head.encode() + (wav() if file is None else file)
        body += f"\r\n--{mark}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        headers = {**kind, **self.bearer()}
        status, _, said = self.raw("POST", "/content/rest/contents", body, headers)
        return status, json.loads(said)


@pytest.fixture
def sandbox(tmp_path):
    """Start sandboxes on one data folder; all end with the test."""
    running = []

    def start(**settings):
        box = Sandbox(tmp_path / "box", **settings)
        box.start()
        running.append(box)
        return box, Caller(box)

    yield start
    for box in running:
        box.stop()


@dataclass
class Receiver:
    """A listener that notes pings and answers as it is told."""

    url: str = ""
    seen: list = field(default_factory=list)
    hosts: list = field(default_factory=list)
    says: object = lambda count: 204

    @property
    def ids(self):
        """All ids that came, of `?m=…`, one by one."""
        return [n for path in self.seen for n in path.partition("m=")[2].split(",")]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self):
        receiver = self.server.receiver
        receiver.seen.append(self.path)
        receiver.hosts.append(self.headers["Host"])
        said = receiver.says(len(receiver.seen))
        if said is None:  # hangs up without a word
            self.close_connection = True
            return
        self.send_response(said)
        if 300 <= said < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a sandbox that ends in mid-ping is part of the tests


@pytest.fixture
def receiver():
    server = Server(("127.0.0.1", 0), Handler)
    server.receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/p")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(name="until")
def _until():
    return until


@pytest.fixture(name="mobile")
def _mobile():
    return mobile
