"""Material for tests, made by hand: tones, and WAV files of any kind."""

import http.client
import struct
import threading
import wave
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

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


def talk(path, seconds=11.0, seed=1):
    """Record speech-like noise, 8 kHz mono, as WAV: each seed is another recording."""
    rng = np.random.default_rng(seed)
    n = np.arange(round(8_000 * seconds))
    burst = np.sin(2 * np.pi * 1.3 * n / 8_000) > -0.4
    pcm = (6_000 * burst * rng.standard_normal(len(n)).clip(-3, 3)).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(pcm.tobytes())
    return path


def hanging():
    """Write the WAV file of 148 bytes that libsndfile 1.2.2 never stops reading.

    The chunks within its LIST claim 4 GB each: as 32 bits with a sign, 8 bytes back,
    to where each begins. It is compressed, so that we leave it to libsndfile.
    """
    adpcm = chunk(
        b"fmt ", struct.pack("<HHIIHHHH", 17, 1, 8_000, 4_055, 256, 4, 2, 505)
    )
    back = b"zzzz" + b"\xf8\xff\xff\xff"
    return riff(adpcm, chunk(b"LIST", b"INFO" + 9 * back), chunk(b"data", bytes(16)))


class Passage(BaseHTTPRequestHandler):
    """Pass calls on to a sandbox, and its answers back under another server's name."""

    protocol_version = "HTTP/1.1"

    def passed(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wire = http.client.HTTPConnection(self.server.behind, timeout=20)
        wire.request(self.command, self.path, body, dict(self.headers))
        answer = wire.getresponse()
        said = answer.read()
        self.send_response_only(answer.status)
        self.send_header("Server", "nginx")
        self.send_header("Content-Type", answer.headers["Content-Type"] or "text/plain")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
        wire.close()

    do_GET = do_POST = do_PUT = do_DELETE = passed  # noqa: N815 (http.server's words)

    def log_message(self, *_):
        pass


@contextmanager
def live_face(box):
    """Show a sandbox that does not say that it is one; yield its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Passage)
    server.behind = urlsplit(box.base_url).netloc
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
