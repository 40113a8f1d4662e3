"""A planted secret shows in no error, traceback, log or repr, whatever goes wrong."""

from __future__ import annotations

import base64
import io
import logging
import traceback

import pytest

from voiceprep.client import Client
from voiceprep.errors import PlatformError

CONTENTS = "/content/rest/contents"


def echo(say):
    return f"you sent {say.SECRET} and {say.TOKEN}, and called {NUMBER}"


ECHOES = {
    "refused": lambda s: s.reply({"status": 417, "message": echo(s)}, 417),
    "details": lambda s: s.reply({"messages": [{"details": echo(s)}]}, 400),
    "dead token": lambda s: s.reply({"status": 401, "message": echo(s)}, 401),
    "wrong secret": lambda s: s.reply(
        {"error": "invalid_client", "error_description": echo(s)}, 400
    ),
    "failing": lambda s: s.reply({"message": echo(s)}, 500),
    "inside a 200": lambda s: s.reply({"status": 403, "message": echo(s)}),
    "strange status": lambda s: s.reply({"status": echo(s)}),
    "redirect": lambda s: s.Reply(302, headers={"Location": f"/x?t={s.TOKEN}"}),
    "redirect to a host": lambda s: s.Reply(
        302, headers={"Location": f"https://a.fr/{s.SECRET}"}
    ),
    "header": lambda s: s.reply({}, 500, X_Debug=echo(s)),
    "web page": lambda s: s.Reply(200, f"<html>{echo(s)}".encode()),
    "no JSON": lambda s: s.Reply(200, echo(s).encode()),
    "wrong fields": lambda s: s.rows(s.content(id=[echo(s)], url_encoded=echo(s))),
    "no HTTP": lambda s: s.Reply(raw=f"{echo(s)}\r\n\r\n".encode()),
    "half a header": lambda s: s.Reply(
        raw=f"HTTP/1.1 200 OK\r\n{echo(s)}\r\n\r\n".encode()
    ),
    "wrong chunk": lambda s: s.Reply(
        200, echo(s).encode(), {"Content-Encoding": "gzip"}
    ),
    "reason": lambda s: s.Reply(
        raw=f"HTTP/1.1 500 {echo(s)}\r\nContent-Length: 0\r\n\r\n".encode()
    ),
    "broken": lambda s: s.Reply(drop=True),
    "unsendable token": lambda s: s.token(f"{s.TOKEN}\r\n{s.SECRET}"),
    "strange token": lambda s: s.token(expires_in=echo(s)),
}


def read(client):
    list(client.contents.read())


def create(client):
    client.contents.create(
        io.BytesIO(b"RIFF"), name="a", filename="a", mime_type="audio/wav"
    )


def order(client):
    client.mailings.create([NUMBER], link="https://a.fr/x", media="VOICEMAIL")


def look_for(client):
    list(client.messages.read(mailing_name=NUMBER))  # in the address


NUMBER = "+33612345678"
CALLS = {
    f"GET {CONTENTS}": read,
    f"POST {CONTENTS}": create,
    "POST /rest/mailings": order,
    "GET /rest/messages": look_for,
}


@pytest.fixture(params=["first token", "second token", "call"])
def planted(request, platform, say):
    """Plant a fault at one of three places; return what must not come out.

    Before the first token there is but one secret to give away.
    """

    def plant(call, fault):
        dead = say.reply({"status": 401}, 401)
        token = "POST /token"
        scripts = {
            "first token": {token: [fault]},
            "second token": {token: [say.token(), fault], call: [dead]},
            "call": {call: [fault]},
        }
        for path, replies in scripts[request.param].items():
            platform.says(path, *replies)
        first = request.param == "first token"
        return [say.SECRET] if first else [say.SECRET, say.TOKEN]

    return plant


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", ECHOES)
def test_nothing_secret_comes_out(
    platform, planted, *, clock, caplog, capfd, say, fault, call
):
    caplog.set_level(logging.DEBUG)
    secrets = planted(call, ECHOES[fault](say))
    with Client(platform.settings(), clock=clock, sleep=clock.sleep) as client:
        with pytest.raises(PlatformError) as caught:
            CALLS[call](client)
        logging.getLogger("caller").error("failed", exc_info=caught.value)
        told = "".join(traceback.format_exception(caught.value))
        told += repr(caught.value) + repr(client) + repr(vars(client))
    told += caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    told += "".join(capfd.readouterr())
    assert NUMBER.removeprefix("+33") not in told
    for secret in secrets:
        assert secret not in told
        assert base64.b64encode(secret.encode()).decode().strip("=") not in told


def test_a_call_that_works_logs_nothing_secret(platform, client, caplog, say):
    caplog.set_level(logging.DEBUG)
    platform.says(f"GET {CONTENTS}", say.rows())
    read(client)
    assert "send_request_headers" in caplog.text  # the library did speak
    assert f"GET {platform.base_url}{CONTENTS}: 200" in caplog.text
    assert say.SECRET not in caplog.text
    assert say.TOKEN not in caplog.text


def test_a_proxys_password_is_not_shown(platform, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:pa55word@proxy.fr:1")
    with pytest.raises(Exception, match="HTTPS_PROXY") as caught:
        Client(platform.settings())
    assert "pa55word" not in "".join(traceback.format_exception(caught.value))
