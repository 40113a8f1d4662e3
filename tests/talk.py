"""Talk to a sandbox as strangers do: stdlib sockets, bodies written by hand.

Nothing of voiceprep is imported here: whoever judges must not share the parser of
the judged.
"""

import http.client
import json
import socket
import urllib.parse
from dataclasses import dataclass
from email.message import Message

from material import chunk, fmt, riff, tone

CONTENTS = "/content/rest/contents"
MAILINGS = "/rest/mailings"
MESSAGES = "/rest/messages"
MARK = "----voiceprep-boundary"
PATIENCE_S = 30


@dataclass(frozen=True)
class Reply:
    """What came back: status, headers, and the body's bytes."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def rows(self):
        return self.json["list"]

    @property
    def row(self):
        (row,) = self.rows
        return row

    @property
    def ids(self):
        return [row["id"] for row in self.rows]


def urlencoded(fields):
    """Return a body and its headers, as an HTML form sends it."""
    body = urllib.parse.urlencode(pairs(fields)).encode()
    return body, {"Content-Type": "application/x-www-form-urlencoded"}


def multipart(fields, files=()):
    """Return a body and its headers; a file is (field, filename, type, bytes)."""
    parts = [(f'name="{name}"', str(value).encode()) for name, value in pairs(fields)]
    for field, filename, kind, raw in files:
        head = f'name="{field}"; filename="{filename}"'
        typed = f"{head}\r\nContent-Type: {kind}" if kind else head
        parts.append((typed, raw))
    body = b"".join(
        f"--{MARK}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
        + raw
        + b"\r\n"
        for head, raw in parts
    )
    body += f"--{MARK}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={MARK}"}


def as_json(value):
    """Return a JSON body and its headers."""
    return json.dumps(value).encode(), {"Content-Type": "application/json"}


def pairs(fields):
    return list(fields.items()) if isinstance(fields, dict) else list(fields)


def query(fields):
    return "?" + urllib.parse.urlencode(pairs(fields)) if fields else ""


ENCODINGS = {"urlencoded": urlencoded, "multipart": multipart, "json": as_json}


def wav(seconds=10.0, rate=8_000, hz=440):
    """Return a WAV of a tone: 16 bits, one channel."""
    steps = (tone(rate, hz, seconds, 0.4) * 32_767).astype("<i2")
    return riff(fmt(rate=rate), chunk(b"data", steps.tobytes()))


LINK = "https://files.example/relance.wav"


def a_mailing(**changed):
    """Return the fields of a mailing that waits for its date; None leaves one out."""
    fields = {
        "name": "spring",
        "media": "VOICE",
        "type": "wav",
        "link": LINK,
        "date": "2090-01-01T10:00:00+00:00",
        "contacts": json.dumps([{"recipient": "+33612345678"}]),
    }
    merged = {**fields, **changed}
    return {name: value for name, value in merged.items() if value is not None}


class Caller:
    """Call one sandbox for one account.

    Parameters
    ----------
    box : Sandbox
        Only its port and its account are asked for.
    client_id, secret : str, optional
        Another account than its own.
    """

    def __init__(self, box, client_id=None, secret=None):
        self.port = box.port
        self.base = f"http://127.0.0.1:{box.port}/"
        self.account = {
            "grant_type": "client_credentials",
            "client_id": client_id or box.client_id,
            "client_secret": secret or box.client_secret,
        }
        self._token = None

    @property
    def token(self):
        if self._token is None:
            body, kind = urlencoded(self.account)
            self._token = self.raw("POST", "/token", body, kind).json["access_token"]
        return self._token

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.token}"}

    def raw(self, method, path, body=None, headers=None):
        """Send a request without any token of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            line.close()

    def call(self, method, path, body=None, headers=None):
        """Send a request with the account's token."""
        return self.raw(method, path, body, {**self.bearer, **(headers or {})})

    def get(self, path, fields=()):
        return self.call("GET", path + query(fields))

    def send(self, method, path, fields, encoding=urlencoded):
        """Send fields in the body."""
        return self.call(method, path, *encoding(fields))

    def upload(self, raw=None, fields=(("name", "a"),), filename="a.wav", kind=""):
        """Create a content."""
        file = ("contentFile", filename, kind, wav() if raw is None else raw)
        return self.call("POST", CONTENTS, *multipart(fields, [file]))

    def sockets(self):
        """Return a plain connected socket, for what http.client would not send."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)


def received(line, until=b"\r\n\r\n", most=1 << 20):
    """Read from a socket until some bytes have come, or it is closed."""
    found = b""
    while until not in found and len(found) < most:
        some = line.recv(65_536)
        if not some:
            break
        found += some
    return found
