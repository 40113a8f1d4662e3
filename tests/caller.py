"""Call a sandbox over real sockets: bytes out, bytes in, nothing of ours between."""

import http.client
import json
import socket
import urllib.parse
import uuid

from talk import Reply, wav

URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


class Caller:
    """Call one sandbox as one client."""

    def __init__(self, port, client_id="sandbox", secret=None):
        self.port = port
        self.headers = {}
        if secret is not None:
            told = {"grant_type": "client_credentials", "client_id": client_id}
            given = self("POST", "/token", {**told, "client_secret": secret}).json
            self.token = given["access_token"]
            self.headers = {"Authorization": f"Bearer {self.token}"}

    def __call__(self, method, path, body=None, headers=None):
        """Call; a dict goes out urlencoded."""
        sent = {**self.headers, **(headers or {})}
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            sent = {**sent, **URLENCODED}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def in_json(self, method, path, value):
        """Call with a JSON body."""
        return self(method, path, json.dumps(value), JSON)

    def upload(self, file=None, fields=(("name", "a"),), name="a.wav"):
        """Create a content."""
        raw, kind = multipart(fields, wav() if file is None else file, name)
        return self("POST", "/content/rest/contents", raw, kind)

    def mailing(self, **changed):
        """Create a mailing that waits until 2098."""
        told = {
            "name": "m",
            "media": "VOICE",
            "type": "wav",
            "link": "http://127.0.0.1/a.wav",
            "date": "2098-01-01T10:00:00+01:00",
            "contacts": '[{"recipient": "+33612345678"}]',
        }
        told = {name: v for name, v in {**told, **changed}.items() if v is not None}
        return self("POST", "/rest/mailings", told)

    def raw(self, data, timeout=10):
        """Send bytes as they are; return all that comes until the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as line:
            line.sendall(data)
            return b"".join(iter(lambda: line.recv(65_536), b""))


def contacts(*numbers):
    """Write contacts as JSON text."""
    return json.dumps([{"recipient": number} for number in numbers])


def multipart(fields, file=None, name="a.wav", kind="application/octet-stream"):
    """Write a multipart body by hand."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields
    ]
    raw = "".join(parts).encode()
    if file is not None:
        head = f'name="contentFile"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        raw += f"--{mark}\r\nContent-Disposition: form-data; {head}".encode() + file
        raw += b"\r\n"
    raw += f"--{mark}--\r\n".encode()
    return raw, {"Content-Type": f"multipart/form-data; boundary={mark}"}
