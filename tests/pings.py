"""Order calls on a sandbox whose clock a test moves, and read its own truth."""

import http.client
import json
import time
from dataclasses import dataclass
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
class Calls:
    """Order mailings of one name by hand-written HTTP; ask the sandbox what is true."""

    box: object
    name: str = "Relance mars [vp-7K2Q]"
    token: str = ""

    def http(self, method, path, body=None, headers=None):
        line = http.client.HTTPConnection("127.0.0.1", self.box.port, timeout=30)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
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
            said = self.http("POST", "/token", urlencode(form), kind)[1]
            self.token = said["access_token"]
        return {"Authorization": f"Bearer {self.token}"}

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
        headers = {**self.bearer(), "Content-Type": "application/json"}
        status, said = self.http("POST", "/rest/mailings", json.dumps(told), headers)
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
