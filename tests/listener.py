"""Listen on a socket of this machine and write down what is asked for."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """One request, as it came."""

    method: str
    target: str
    headers: dict
    body: bytes


class Listener:
    """Answer every request with one status, after an optional gate.

    >>> with Listener() as listener:
    ...     listener.heard
    []
    """

    def __init__(self, status=200, headers=None):
        self.status = status
        self.headers = headers or {}
        self.open = threading.Event()  # while it is cleared, nobody is answered
        self.open.set()
        self._news = threading.Condition()
        self._heard = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer._note(self)
                outer.open.wait(20)
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.open.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _note(self, handler):
        length = int(handler.headers.get("Content-Length", 0))
        headers = dict(handler.headers.items())
        one = Heard(handler.command, handler.path, headers, handler.rfile.read(length))
        with self._news:
            self._heard.append(one)
            self._news.notify_all()

    @property
    def heard(self):
        with self._news:
            return list(self._heard)

    def wait_for(self, enough, patience_s=20):
        """Return what was heard as soon as ``enough(heard)`` is true."""
        with self._news:
            done = self._news.wait_for(lambda: enough(self._heard), patience_s)
            assert done, f"heard {len(self._heard)} requests: {self._heard[-3:]}"
            return list(self._heard)
