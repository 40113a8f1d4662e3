"""Recordings of a page, made by hand, and a reader of HTML of the standard library."""

import wave
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from voiceprep.report import (
    Change,
    Digests,
    Form,
    Level,
    Note,
    Recording,
    Sound,
    Standing,
    ink,
    outline,
)

SAMPLES = Path(__file__).parents[1] / "samples"
VOID = {"meta", "link", "input", "img", "br", "hr"}


def sound(link="./a.wav", seconds=12.0, **fields):
    rng = np.random.default_rng(1)
    drawn = outline(rng.uniform(-1, 1, (600, 2)).astype(np.float32))
    picture = ink(rng.uniform(-100, 0, (64, 300)).astype(np.float32))
    form = Form("pcm_s16le", 44_100, 2, 1_058_444)
    given = {"outline": drawn, "picture": picture, "form": form, **fields}
    return Sound(link=link, seconds=seconds, **given)


def recording(path="in/a.wav", **fields):
    given = {
        "standing": Standing.FIT,
        "notes": (),
        "original": sound("../in/a.wav"),
        "phone": sound("./a.wav"),
        "level": Level(heard_dbov=-20.0, peak_dbfs=-1.0),
        "changes": (Change("rate", 44_100), Change("alaw")),
        "digests": Digests("a" * 64, "b" * 64),
        **fields,
    }
    return Recording(path=path, **given)


def note(code="clipping", severity="warning", **fields):
    return Note(code, severity, fields.pop("message", "3 runs"), **fields)


class Reader(HTMLParser):
    """Read HTML: elements with their attributes and text, nothing else."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.comments = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append({"tag": tag, "text": "", **dict(attrs)})

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag, f"</{tag}> closes another"

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def handle_comment(self, data):
        self.comments.append(data)

    def all(self, tag, **attributes):
        return [
            element
            for element in self.elements
            if element["tag"] == tag
            and all(element.get(k.rstrip("_")) == v for k, v in attributes.items())
        ]

    def one(self, tag, **attributes):
        (found,) = self.all(tag, **attributes)
        return found


def with_silences(path):
    """Put 3 s of silence before a voice, and 5 s where it is quietest for a tenth."""
    with wave.open(str(SAMPLES / "cd.wav")) as file:
        rate, voice = file.getframerate(), file.readframes(file.getnframes())
    voice = np.frombuffer(voice, "<i2")
    tenths = np.abs(voice[2 * rate : 5 * rate].astype(int)).reshape(30, -1).max(axis=1)
    at = round((2 + tenths.argmin() / 10) * rate)
    parts = [np.zeros(3 * rate), voice[:at], np.zeros(5 * rate), voice[at:]]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.concatenate(parts).astype("<i2").tobytes())
