"""Material for tests, made by hand: tones, and WAV files of any kind."""

import struct

import numpy as np


def tone(rate, hz, seconds, amplitude=0.5):
    n = np.arange(round(rate * seconds))
    return (amplitude * np.sin(2 * np.pi * hz * n / rate)).astype(np.float32)


def chunk(name, payload, order="<", size=None):
    length = len(payload) if size is None else size
    return (
        name + struct.pack(f"{order}I", length) + payload + b"\0" * (len(payload) % 2)
    )


def fmt(tag=1, channels=1, rate=8_000, bits=16, order="<", align=None):
    align = channels * ((bits + 7) // 8) if align is None else align
    return chunk(
        b"fmt ",
        struct.pack(f"{order}HHIIHH", tag, channels, rate, rate * align, align, bits),
        order,
    )


def riff(*chunks, form=b"RIFF", order="<"):
    body = b"WAVE" + b"".join(chunks)
    return form + struct.pack(f"{order}I", len(body)) + body
