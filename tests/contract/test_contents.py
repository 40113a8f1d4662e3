"""R27 to R31: the recordings, as uploaded, stored and converted."""

import audioop
import struct
import subprocess
import urllib.request
from pathlib import Path

import pytest
from material import chunk, fmt, riff
from talk import CONTENTS, multipart, received, urlencoded, wav

SAMPLES = Path(__file__).parents[2] / "samples"
NAMED = (("name", "a"),)


def fetched(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def post(caller, fields, files):
    return caller.call("POST", CONTENTS, *multipart(fields, files))


# R27


@pytest.mark.contract("R27", "R22")
def test_r27_name_and_file_are_required(caller):
    file = ("contentFile", "a.wav", "audio/wav", wav())
    assert post(caller, [], [file]).status == 417
    assert post(caller, [("name", "")], [file]).status == 417
    assert post(caller, NAMED, []).status == 417
    assert post(caller, NAMED, [("file", *file[1:])]).status == 417


@pytest.mark.contract("R27", "R22")
def test_r27_a_file_that_is_sent_as_text_is_none(caller):
    for told in ({"name": "a", "contentFile": "@a.wav"}, {"name": "a"}):
        assert caller.send("POST", CONTENTS, told, urlencoded).status == 417
    assert post(caller, [*NAMED, ("contentFile", "RIFF")], []).status == 417


@pytest.mark.contract("R27")
def test_r27_description_and_tags_are_optional_and_kept(caller):
    plain = caller.upload().rows[0]
    assert (plain["description"], plain["comment"], plain["tags"]) == (None, None, [])
    fields = [*NAMED, ("description", "pour l'été"), ("tags", "mars,été")]
    told = caller.upload(fields=fields).rows[0]
    assert (told["description"], told["tags"]) == ("pour l'été", ["mars", "été"])


@pytest.mark.contract("R27")
def test_r27_tags_are_searched_for_whole(caller, words):
    tag, longer = words("tag"), words("tag-longer")
    ids = [
        caller.upload(fields=[*NAMED, ("tags", each)]).ids[0]
        for each in (tag, f"{tag},{longer}", longer)
    ]
    assert caller.get(CONTENTS, {"tags": tag}).ids == ids[:2]
    assert caller.get(CONTENTS, {"tags": longer}).ids == ids[1:]
    assert caller.get(CONTENTS, {"tags": tag[:-1]}).ids == []


@pytest.mark.contract("R27")
@pytest.mark.parametrize(
    "declared", ["", "application/octet-stream", "image/png", "text/plain", "x"]
)
def test_r27_the_bytes_tell_the_type_and_not_what_is_declared(caller, declared):
    reply = caller.upload(wav(), kind=declared, filename="a.bin")
    assert reply.rows[0]["mimeType"] == "audio/wav"
    mp3 = (SAMPLES / "clean.mp3").read_bytes()
    reply = caller.upload(mp3, kind=declared, filename="a.wav")
    assert reply.rows[0]["mimeType"] == "audio/mp3"


# R28


@pytest.mark.contract("R28")
@pytest.mark.parametrize("name", ["clean.mp3", "cd.wav", "vbr.mp3", "24-bit.wav"])
def test_r28_mp3_and_wav_are_taken(caller, name):
    assert caller.upload((SAMPLES / name).read_bytes(), filename=name).status == 201


@pytest.mark.contract("R28", "R22")
@pytest.mark.parametrize(
    "raw",
    [b"", b"this is text", (SAMPLES / "phone-memo.opus").read_bytes(), b"RIFF" * 99],
    ids=["empty", "text", "opus", "half"],
)
def test_r28_what_is_neither_is_417(caller, raw):
    reply = caller.upload(raw)
    assert (reply.status, reply.json["status"]) == (417, 417)


@pytest.mark.contract("R28")
@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100])
def test_r28_ten_seconds_are_counted_in_samples_and_never_rounded(caller, rate):
    def lasting(samples):
        return riff(fmt(rate=rate), chunk(b"data", b"\x10\x00" * samples))

    assert caller.upload(lasting(10 * rate)).status == 201
    refused = caller.upload(lasting(10 * rate - 1))
    assert (refused.status, "10 s" in refused.json["message"]) == (417, True)


@pytest.mark.contract("R28")
def test_r28_a_headers_word_on_the_duration_is_not_believed(caller):
    short = b"\x10\x00" * 40_000
    lies = riff(fmt(), chunk(b"data", short, size=8_000 * 2 * 60))
    assert caller.upload(lies).status == 417


@pytest.mark.contract("R28")
def test_r28_20_mib_are_taken_and_a_byte_more_is_refused(caller):
    head = len(riff(fmt(), chunk(b"data", b"")))
    most = 20 * 2**20 - head
    # Silence costs the sandbox least; 8 bits are one byte a sample.
    whole = riff(fmt(bits=8), chunk(b"data", b"\x80" * most))
    assert len(whole) == 20 * 2**20
    assert caller.upload(whole).rows[0]["filesize"] == str(20 * 2**20)
    refused = caller.upload(whole + b"\0")
    assert (refused.status, refused.json["status"]) == (417, 417)


@pytest.mark.contract("R28", "R12")
def test_r28_a_body_that_is_far_too_large_is_refused_before_it_is_read(caller):
    head = (
        f"POST {CONTENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 500000000\r\n"
        f"Authorization: Bearer {caller.token}\r\nExpect: 100-continue\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with caller.sockets() as line:
        line.sendall(head.encode())
        assert received(line).startswith(b"HTTP/1.1 417 ")


# R29


@pytest.mark.contract("R29")
def test_r29_the_telephone_plays_headerless_alaw_a_byte_a_sample(caller):
    raw = wav(10.5)
    row = caller.upload(raw).rows[0]
    assert fetched(row["url_encoded"]) == audioop.lin2alaw(raw[44:], 2)
    assert fetched(row["url"]) == raw


@pytest.mark.contract("R29")
def test_r29_another_judge_decodes_what_is_stored(caller, tool, tmp_path):
    row = caller.upload((SAMPLES / "cd.wav").read_bytes()).rows[0]
    stored = tmp_path / "stored.pcm"
    stored.write_bytes(fetched(row["url_encoded"]))
    command = [tool("sox"), "-t", "al", "-r", "8000", "-c", "1", stored, "-n", "stat"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    figures = dict(line.split(":") for line in said.splitlines() if ":" in line)
    seconds = float(figures["Length (seconds)"])
    assert seconds == pytest.approx(stored.stat().st_size / 8_000, abs=1e-4)
    assert int(seconds) == row["duration"]
    assert float(figures["RMS     amplitude"]) > 0.005


@pytest.mark.contract("R29", "R10")
def test_r29_stereo_is_mixed_to_one_channel(caller):
    steps = b"".join(struct.pack("<hh", 8_000, 4_000) for _ in range(80_000))
    stereo = riff(fmt(channels=2), chunk(b"data", steps))
    row = caller.upload(stereo).rows[0]
    heard = audioop.alaw2lin(fetched(row["url_encoded"]), 2)
    assert len(heard) == 2 * 80_000
    middle = struct.unpack_from("<h", heard, 80_000)[0]
    assert middle == pytest.approx(6_000, rel=0.05)  # A-law's step is 1 in 32


# R30


@pytest.mark.contract("R30")
def test_r30_the_resource_has_the_documented_attributes_and_kinds(box, caller):
    raw = wav(15.9)
    fields = [("name", "Relance mars"), ("tags", "mars")]
    row = caller.upload(raw, fields=fields, filename="relance.wav").rows[0]
    base = row["url"].removesuffix("relance.wav")
    assert base.startswith(f"http://127.0.0.1:{box.port}/datas/")
    assert row == {
        "id": row["id"],
        "name": "Relance mars",
        "description": None,
        "comment": None,
        "filename": "relance.wav",
        "filesize": str(len(raw)),  # a string
        "mimeType": "audio/wav",
        "duration": 15,  # an integer, rounded down
        "tags": ["mars"],
        "url": f"{base}relance.wav",
        "url_encoded": f"{base}relance.pcm",
    }
    assert isinstance(row["id"], str)
    assert type(row["duration"]) is int
    assert caller.get(CONTENTS, {"id": row["id"]}).rows == [row]


@pytest.mark.contract("R30")
def test_r30_an_mp3_is_audio_mp3(caller):
    raw = (SAMPLES / "clean.mp3").read_bytes()
    row = caller.upload(raw, filename="clean.mp3").rows[0]
    assert (row["mimeType"], row["filename"]) == ("audio/mp3", "clean.mp3")
    assert row["url_encoded"].endswith("/clean.pcm")


@pytest.mark.contract("R30")
def test_r30_contents_are_found_by_mime_type_and_by_name(caller, words):
    name = words()
    mp3 = (SAMPLES / "clean.mp3").read_bytes()
    ids = [caller.upload(raw, [("name", name)]).ids[0] for raw in (mp3, wav())]
    told = {"name": name, "mimeType": "audio/mp3"}
    assert caller.get(CONTENTS, told).ids == ids[:1]
    assert caller.get(CONTENTS, {"name": name}).ids == ids


# R31


@pytest.mark.contract("R31", "H2")
def test_r31_the_encoded_file_is_downloaded_without_a_token(caller):
    row = caller.upload(wav(10)).rows[0]
    with urllib.request.urlopen(row["url_encoded"]) as answer:
        assert answer.headers["Content-Length"] == "80000"
        assert len(answer.read()) == 80_000


# Names that want to do harm


@pytest.mark.contract("R30", "R26")
@pytest.mark.parametrize(
    "filename",
    [
        "../../x.wav",
        "..",
        "/etc/passwd",
        "C:\\x.wav",
        "é\u202e.wav",
        "a\tb.pcm",
        ".wav",
    ],
)
def test_r30_a_file_name_stays_below_its_folder(box, caller, filename):
    around = {path.name for path in (*box.data.iterdir(), *box.data.parent.iterdir())}
    row = caller.upload(filename=filename).rows[0]
    assert not {"/", "\\", "\u202e", "\t"} & set(row["filename"])
    assert row["filename"] not in {"", ".", ".."}
    assert len(fetched(row["url_encoded"])) == 80_000
    assert fetched(row["url"]) == wav()
    here = (*box.data.iterdir(), *box.data.parent.iterdir())
    assert {path.name for path in here} == around
