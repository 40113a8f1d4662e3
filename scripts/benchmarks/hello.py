"""A bare Starlette application on the sandbox's own server settings, to compare with.

Prints its base URL as `voiceprep sandbox` prints its description; ends on SIGTERM.
"""

import json
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from voiceprep.sandbox.listener import bound, wire


async def hello(_: object) -> Response:
    """Answer what costs nothing to find out."""
    return Response(b'{"hello":"world"}', media_type="application/json")


def main() -> None:
    """Serve until told to stop."""
    verbs = ["GET", "POST", "PUT"]
    app = Starlette(routes=[Route("/{rest:path}", hello, methods=verbs)])
    listener = bound("127.0.0.1", 0)
    port = listener.getsockname()[1]
    sys.stdout.write(json.dumps({"base_url": f"http://127.0.0.1:{port}/"}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(wire(app)).run([listener])


if __name__ == "__main__":
    main()
