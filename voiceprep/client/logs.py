"""Keep what an HTTP library logs free of secrets and of recipients."""

from __future__ import annotations

import logging
from typing import Final

__all__ = ["quieten"]

WIRE_LOGGERS: Final = ("httpcore2.http11", "httpcore2.http2", "httpcore2.proxy")
CALL_LOGGER: Final = "httpx2"


class NoHeaders(logging.Filter):
    """Cut debug messages to the event's name.

    What follows the name are headers and bytes as they came over the wire; a
    server may have echoed a token there.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without its details."""
        record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True


class NoQuery(logging.Filter):
    """Cut a call's line to method, address and status.

    A query may hold a recipient's number; the reason behind the status is the
    server's own word, and may be anything.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without query and reason."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            method, url, _, status, _ = record.args
            place = str(url).partition("?")[0]
            record.msg, record.args = f"{method} {place}: {status}", ()
        return True


NO_HEADERS: Final = NoHeaders()
NO_QUERY: Final = NoQuery()


def quieten() -> None:
    """Put the filters in place; to do so again changes nothing.

    >>> quieten()
    """
    for name in WIRE_LOGGERS:
        logging.getLogger(name).addFilter(NO_HEADERS)
    logging.getLogger(CALL_LOGGER).addFilter(NO_QUERY)
