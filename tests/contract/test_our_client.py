"""What the contract asks of those who call the platform, judged by what they send.

The server here gives written answers and keeps each request's bytes; it shares nothing
with the sandbox. More such exchanges, whole, stand in tests/wire.
"""

import audioop
import io
import json
import logging
from pathlib import Path

import pytest
from canned import Canned
from material import chunk, fmt, riff
from talk import wav
from wire_format import meaning

import voiceprep
from voiceprep import errors
from voiceprep.client import Client, Settings

SAMPLES = Path(__file__).parents[2] / "samples"
TOKEN = "t0ken-of-the-platform"
FILE = "/datas/9f8e7d6c5b4a39281706/relance.pcm"
MAILING = {
    "id": "42",
    "stats": {"total": 1, "wait": 1, "on": 0, "ok": 0, "ko": 0, "no": 0, "rep": 0},
}


def answered(document, status="200 OK", **headers):
    """Write an answer by hand."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    kind = "audio/x-alaw" if isinstance(document, bytes) else "application/json"
    rows = {"Content-Type": kind, "Content-Length": len(body), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def token(word=TOKEN, expires_in=3_600):
    told = {"access_token": word, "expires_in": expires_in, "token_type": "bearer"}
    return answered({**told, "scope": "basic"})


def rows(*these):
    return answered({"size": len(these), "total": None, "list": list(these)})


@pytest.fixture
def platform():
    """Serve answers by path; return the server, the client and the answers."""
    opened = []

    def start(**settings):
        answers = {"/token": token()}

        def answer(raw):
            path = raw.split()[1].decode().partition("?")[0]
            found = answers[path]
            return found(raw) if callable(found) else found

        server = Canned(answer)
        server.__enter__()
        flags = {"base_url": server.base, "client_id": "acme"}
        flags |= {"client_secret": "s3cret", "backoff_s": "0.001", **settings}
        client = Client(Settings.load(flags, environ={}))
        opened.extend([server, client])
        return server, client, answers

    yield start
    for one in reversed(opened):
        one.__exit__(None, None, None)


def head_of(raw):
    return raw.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.contract("H1", "R31")
def test_h1_a_token_never_goes_where_files_are_stored(platform):
    server, client, answers = platform()
    with Canned(lambda _: answered(b"\xd5" * 80_000)) as elsewhere:
        url = f"{elsewhere.base}datas/9f8e/relance.pcm"
        answers["/content/rest/contents"] = rows({"id": "7", "url_encoded": url})
        content = client.contents.get("7")
        with client.download(content.url_encoded) as chunks:
            assert len(b"".join(chunks)) == 80_000
        (asked,) = elsewhere.asked
    assert b"authorization" not in head_of(asked)
    assert TOKEN.encode() not in asked
    assert TOKEN.encode() in server.asked[-1]


@pytest.mark.contract("R2")
@pytest.mark.parametrize("expires_in", [3_600, "3600"])
def test_r02_a_lifetime_is_read_as_number_and_as_text(platform, expires_in):
    server, client, answers = platform()
    answers["/token"] = token(expires_in=expires_in)
    answers["/rest/mailings"] = rows()
    for _ in range(3):
        assert list(client.mailings.read(name="a")) == []
    paths = [raw.split()[1] for raw in server.asked]
    assert paths.count(b"/token") == 1  # and it is kept while it lives


@pytest.mark.contract("R4")
def test_r04_a_token_of_50000_characters_is_sent_and_never_logged(platform, caplog):
    caplog.set_level(logging.DEBUG)
    server, client, answers = platform()
    long = "ey" + "J" * 49_998
    answers["/token"] = token(long)
    answers["/rest/mailings"] = rows(MAILING)
    assert [one.id for one in client.mailings.read(name="a")] == ["42"]
    assert f"Bearer {long}".encode() in server.asked[-1]
    assert long not in caplog.text
    assert "s3cret" not in caplog.text
    assert long not in repr(client)


@pytest.mark.contract("R4")
def test_r04_answers_with_60_kib_of_headers_are_read(platform):
    _, client, answers = platform()
    many = {f"X-{n}": "p" * 7_000 for n in range(8)}
    body = {"size": 1, "total": None, "list": [MAILING]}
    answers["/rest/mailings"] = answered(body, **many)
    assert [one.id for one in client.mailings.read(name="a")] == ["42"]


@pytest.mark.contract("R5", "R7")
def test_r05_a_dead_token_is_replaced_once_and_the_call_made_again(platform):
    server, client, answers = platform()
    given = iter(["first", "second"])
    answers["/token"] = lambda _: token(next(given))
    dead = answered({"status": 401, "message": "Authenticate failed"}, "401 No")
    answers["/rest/mailings"] = lambda raw: dead if b"Bearer first" in raw else rows()
    assert list(client.mailings.read(name="a")) == []
    said = [raw.split()[1].partition(b"?")[0] for raw in server.asked]
    assert said == [b"/token", b"/rest/mailings"] * 2


@pytest.mark.contract("R6")
def test_r06_our_client_writes_the_scheme_word_as_it_is(platform):
    server, client, answers = platform()
    answers["/rest/mailings"] = rows()
    list(client.mailings.read(name="a"))
    assert f"Bearer {TOKEN}" == meaning(server.asked[-1]).authorization


@pytest.mark.contract("R14", "R16")
def test_r14_our_client_reads_page_by_page_in_a_fixed_order(platform):
    server, client, answers = platform()
    every = [{**MAILING, "id": str(n)} for n in range(250)]

    def page(raw):
        told = meaning(raw).parameters
        start, size = int(told["offset"][0]), int(told["limit"][0])
        return rows(*every[start : start + size])

    answers["/rest/mailings"] = page
    read = [one.id for one in client.mailings.read(name="a")]
    assert read == [row["id"] for row in every]
    for raw in server.asked[1:]:
        assert meaning(raw).parameters["sort"] == ["id ASC"]


@pytest.mark.contract("R10", "R8", "R22")
def test_r10_thousands_of_ids_go_in_portions_and_no_address_gets_too_long(platform):
    server, client, answers = platform()
    answers["/rest/messages"] = rows()
    ids = [str(10**12 + n) for n in range(1_200)]
    assert list(client.messages.read(id=ids)) == []
    calls = [meaning(raw) for raw in server.asked[1:]]
    assert [one.action for one in calls] == ["read"] * len(calls)
    assert [each for one in calls for each in one.parameters["id"]] == ids
    for raw in server.asked:
        assert len(raw.split()[1]) < 8_192


@pytest.mark.contract("R20")
def test_r20_our_client_never_sends_a_change_without_a_filter(platform):
    server, client, _ = platform()
    for change in (
        client.mailings.delete,
        lambda: client.mailings.update({"name": "x"}),
        lambda: client.contents.update({"name": "x"}),
    ):
        with pytest.raises(errors.RefusedError, match="R20"):
            change()
    assert client.contents.delete(id=[]) == 0
    assert client.mailings.delete(id="") == 0
    assert server.asked == []


@pytest.mark.contract("R20", "R22")
@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (answered({"count": 3}), 3),
        (answered({"count": "3"}), 3),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", 0),
        (b"HTTP/1.1 204 No Content\r\n\r\n", None),
    ],
    ids=["number", "text", "304", "204"],
)
def test_r22_our_client_reads_the_count_and_lives_without_one(platform, answer, count):
    _, client, answers = platform()
    answers["/rest/mailings"] = answer
    assert client.mailings.delete(id="42") == count
    assert client.mailings.update({"name": "x"}, id="42") == count


@pytest.mark.contract("R21")
def test_r21_our_client_sends_metadata_as_json_text(platform):
    server, client, answers = platform()
    answers["/content/rest/contents"] = answered({"count": 1})
    client.contents.update({"name": 'l\'été, "mars"', "tags": ["a"]}, id="7")
    told = meaning(server.asked[-1]).parameters["metaData"]
    assert told == [{"name": 'l\'été, "mars"', "tags": ["a"]}]


@pytest.mark.contract("R28")
def test_r28_our_client_refuses_above_20_000_000_bytes_and_takes_that_many():
    steps = (b"\x00\x10\x00\xf0" * 2_500_000)[: 20_000_000 - 44 * 2]
    frames = len(steps) // 4 * 4  # whole frames of two channels
    head = fmt(channels=2, rate=44_100)
    junk = 20_000_000 - len(riff(head, chunk(b"data", steps[:frames]))) - 8
    fits = riff(head, chunk(b"JUNK", b"\0" * junk), chunk(b"data", steps[:frames]))
    assert len(fits) == 20_000_000
    codes = {one.code for one in voiceprep.check(io.BytesIO(fits)).findings}
    assert "too_large" not in codes
    over = voiceprep.check(io.BytesIO(fits + b"\0"))
    assert not over.verdict.is_fit
    assert "too_large" in {one.code for one in over.findings}


@pytest.mark.contract("R28")
@pytest.mark.parametrize(("samples", "short"), [(79_999, True), (80_000, False)])
def test_r28_our_client_counts_ten_seconds_in_samples(samples, short):
    raw = wav(10)[44 : 44 + 2 * samples]
    checked = voiceprep.check(io.BytesIO(riff(fmt(), chunk(b"data", raw))))
    assert ("too_short" in {one.code for one in checked.findings}) is short


@pytest.mark.contract("R29", "R31")
@pytest.mark.parametrize(
    ("form", "stored"),
    [
        ("A-law", lambda alaw: alaw),
        ("16-bit PCM", lambda alaw: audioop.alaw2lin(alaw, 2)),
        (
            "WAV",
            lambda alaw: riff(fmt(), chunk(b"data", audioop.alaw2lin(alaw, 2))),
        ),
        (
            "WAV",
            lambda alaw: riff(fmt(tag=6, bits=8), chunk(b"data", alaw)),
        ),
    ],
)
def test_r29_verify_recognises_and_names_what_is_stored(
    platform, tmp_path, form, stored
):
    server, client, answers = platform()
    source = SAMPLES / "clean.mp3"
    prepared = voiceprep.prepare(source, tmp_path / "out")
    with open(prepared.artefacts.alaw, "rb") as file:  # noqa: PTH123 (a str or a Path)
        alaw = file.read()

    def found(raw):
        (tag,) = meaning(raw).parameters["tags"]
        row = {"id": "7", "name": "clean", "tags": [tag]}
        return rows({**row, "url_encoded": server.base.rstrip("/") + FILE})

    answers["/content/rest/contents"] = found
    answers[FILE] = answered(stored(alaw))
    verified = voiceprep.verify(source, client)
    assert verified.identical
    assert form in verified.sentence


@pytest.mark.contract("R35", "R32", "R20")
@pytest.mark.parametrize(
    "wrong",
    [
        {"contacts": ["+33612345678"] * 1_001},
        {"contacts": []},
        {"media": "SMS"},
        {"type": "mp3"},
        {"link": ""},
        {"name": "a,b"},
        {"date": "tomorrow"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_r35_what_would_be_refused_is_not_sent(platform, wrong):
    server, client, _ = platform()
    told = {"contacts": ["+33612345678"], "media": "VOICE", "type": "wav"}
    told |= {"link": "https://files.example/a.wav", **wrong}
    with pytest.raises(errors.RefusedError, match="not sent"):
        client.mailings.create(told.pop("contacts"), **told)
    assert server.asked == []


@pytest.mark.contract("R37")
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        answered({}, "503 Busy"),
        answered({}, "504 Late"),
        answered(b"<html>", "200 OK"),
        answered({"size": 0, "total": None, "list": []}, "201 Created"),
        b"HTTP/1.1 201 Created\r\nContent-Length: 900\r\n\r\n{",
    ],
    ids=["nothing", "503", "504", "page", "empty", "half"],
)
def test_r37_a_create_whose_outcome_is_unclear_is_never_repeated(platform, answer):
    server, client, answers = platform(read_timeout_s="1")
    answers["/rest/mailings"] = answer or hung_up
    with pytest.raises(errors.OutcomeUnknownError, match="repeat"):
        client.mailings.create(
            ["+33612345678"],
            link="https://files.example/a.wav",
            media="VOICE",
            type="wav",
        )
    creates = [raw for raw in server.asked if raw.startswith(b"POST /rest/mailings")]
    assert len(creates) == 1


def hung_up(_):
    raise OSError  # the server closes the connection without a word


@pytest.mark.contract("R40", "R17")
def test_r40_our_client_always_sends_properties(platform):
    server, client, answers = platform()
    row = {"id": "9", "currentStatus": {"shortKey": "no", "description": "lost"}}
    answers["/rest/messages"] = rows(row)
    (message,) = client.messages.read(mailing_id="42")
    assert meaning(server.asked[-1]).parameters["properties"]
    assert (message.state, message.description) == ("no", "lost")


@pytest.mark.contract("R42", "R35")
@pytest.mark.parametrize(
    ("counts", "percent"),
    [
        ([(3, 2)], 66.67),
        ([(3, 1)], 33.33),
        ([(8, 1)], 12.5),
        ([(1_000, 1_000)], 100.0),
        ([(1, 0), (2, 2)], 66.67),  # added up first, divided then
        ([(0, 0)], None),
        ([], None),
    ],
    ids=str,
)
def test_r42_deliverability_is_ok_in_total_with_two_decimals(platform, counts, percent):
    _, client, answers = platform()
    states = dict.fromkeys(("wait", "on", "no", "optout", "rep"), 0)
    answers["/rest/mailings"] = rows(
        *(
            {
                "id": str(number),
                "name": "spring",
                "stats": {**states, "total": total, "ok": ok, "ko": total - ok},
            }
            for number, (total, ok) in enumerate(counts, 1)
        )
    )
    assert client.stats.total(name="spring").deliverability == percent
