"""A server that gives written answers, and keeps what it was asked, byte by byte."""

import contextlib
import socket
import threading


class Canned:
    """Answer each request by a function of its bytes.

    Parameters
    ----------
    answer : callable
        Given a request's bytes, returns the answer's.
    """

    def __init__(self, answer):
        self._answer = answer
        self._lock = threading.Lock()
        self._asked = []
        self._lines = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for line, thread in self._lines:
            with contextlib.suppress(OSError):  # the client closed it already
                line.shutdown(socket.SHUT_RDWR)
            thread.join()
            line.close()

    @property
    def asked(self):
        with self._lock:
            return list(self._asked)

    def _serve(self):
        with contextlib.suppress(OSError):  # the listener is closed: the end
            while True:
                line, _ = self._listener.accept()
                thread = threading.Thread(target=self._talk, args=(line,))
                self._lines.append((line, thread))
                thread.start()

    def _talk(self, line):
        with contextlib.suppress(OSError), line.makefile("rb") as reader:
            while raw := read_request(reader):
                with self._lock:
                    self._asked.append(raw)
                line.sendall(self._answer(raw))


def read_request(reader):
    """Return the bytes of the next request, a chunked body as if it had a length."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        row = reader.readline()
        if not row:
            return b""
        head += row
    fields = dict(row.lower().split(b": ", 1) for row in head.split(b"\r\n")[1:] if row)
    if fields.get(b"transfer-encoding") == b"chunked":
        return head + b"".join(iter(lambda: read_chunk(reader), b""))
    return head + reader.read(int(fields.get(b"content-length", 0)))


def read_chunk(reader):
    length = int(reader.readline(), 16)
    chunk = reader.read(length)
    reader.readline()
    return chunk
