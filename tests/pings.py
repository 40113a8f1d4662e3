"""Order calls on a sandbox whose clock a test moves, and read its own truth."""

import http.client
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

PATIENCE_S = 60.0  # for what takes a second; never a claim about speed
LINK = "https://files.example/relance.wav"


def until(true, what="it"):
    """Wait until something holds, and return it."""
    end = time.monotonic() + PATIENCE_S
    while not (found := true()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.01)
    return found


def mobile(number):
    """A mobile of ARCEP's fiction range (+33 6 39 98): nobody has it."""
    return f"+3363998{number:04d}"


@dataclass
class Account:
    """Call a sandbox as a program would that never heard of ours."""

    box: object
    token: str = field(default="", init=False)

    def raw(self, method, path, body=None, headers=None):
        line = http.client.HTTPConnection("127.0.0.1", self.box.port, timeout=30)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def bearer(self):
        if not self.token:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.box.client_id,
                "client_secret": self.box.client_secret,
            }
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            body = self.raw("POST", "/token", urlencode(form), kind)[2]
            self.token = json.loads(body)["access_token"]
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, method, path, told=None):
        """Call with a token; return the status and the JSON."""
        headers = {**self.bearer(), "Content-Type": "application/json"}
        body = None if told is None else json.dumps(told)
        status, _, said = self.raw(method, path, body, headers)
        return status, json.loads(said or "null")


@dataclass
class Calls(Account):
    """Order mailings of one name by hand-written HTTP; ask the sandbox what is true."""

    name: str = "Relance mars [vp-7K2Q]"

    def order(self, recipients, **changed):
        """Order one mailing; return its id."""
        told = {
            "name": self.name,
            "link": LINK,
            "media": "VOICE",
            "type": "wav",
            "contacts": [{"recipient": each} for each in recipients],
            **changed,
        }
        status, said = self.ask("POST", "/rest/mailings", told)
        assert status == 201, said
        return said["list"][0]["id"]

    def truth(self):
        """The sandbox's own states: id → state."""
        return {str(m["id"]): m["state"] for m in self.box.truth()["messages"]}

    def counts(self):
        found = dict.fromkeys(("wait", "on", "ok", "ko", "no"), 0)
        for state in self.truth().values():
            found[state] += 1
        return found


def ping(url, ids, between=","):
    """Call a ping URL as the platform does (R39); return the status."""
    filled = url.replace("#ids#", between.join(ids)).replace("#id#", ids[0])
    parts = urlsplit(filled)
    line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        line.request("GET", f"{parts.path}?{parts.query}")
        answer = line.getresponse()
        answer.read()
        return answer.status
    finally:
        line.close()
