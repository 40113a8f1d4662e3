"""The forms of an answer: JSON, XML, CSV, JSONP; chosen by extension or Accept (R23).

XML and CSV are laid out our way (R26): XML has elements named as JSON's members, a
row by the resource's singular; CSV has a line a row, `stats.total` for what is
nested, tags with commas between, and no envelope.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from voiceprep.contract import JSON_TYPE
from voiceprep.sandbox.answers import RefusalError, compact

__all__ = ["FORMATS", "Answer", "Format", "chosen", "split"]

CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,63}", re.ASCII)  # R25
# XML 1.0 (5th edition), 2.2: what no document may hold, escaped or not.
_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_ITEMS: Final = {"tags": "tag", "messages": "message"}
# What a spreadsheet takes for a formula, full-width signs too.
_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 (on purpose)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_QUALITY: Final = re.compile(r"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer before it has a form.

    Parameters
    ----------
    status : int
    told : mapping
        The envelope, a count, or an error.
    singular : str
        What a row is called.
    columns : tuple of str
        Of the rows, in order; those of a nested one as ``stats.total``.
    """

    status: int
    told: Mapping[str, Any]
    singular: str = "item"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """Describe one form: its media type, and how an answer is written in it."""

    media_type: str
    written: Callable[[Answer, str], bytes]
    headers: Mapping[str, str]
    is_script: bool = False


def _json(answer: Answer, _: str) -> bytes:
    return compact(answer.told)


def _jsonp(answer: Answer, callback: str) -> bytes:
    r"""Write a call of the callback, in ASCII; an error is data too (R25).

    >>> _jsonp(Answer(404, {"status": 404, "message": "</script>"}), "f")
    b'/**/f({"status":404,"message":"<\\/script>"});'
    """
    text = json.dumps(answer.told, separators=(",", ":")).replace("</", "<\\/")
    return f"/**/{callback}({text});".encode("ascii")


def _xml(answer: Answer, _: str) -> bytes:
    """Write elements.

    >>> _xml(Answer(200, {"list": [{"id": "7", "tags": ["<"]}]}, "content"), "")[39:]
    b'<response><list><content><id>7</id><tags><tag>&lt;</tag></tags></content></list></response>'
    """
    items = {"list": answer.singular, **_XML_ITEMS}
    root = _element("response", answer.told, items)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}'.encode()


def _element(name: str, value: Any, items: Mapping[str, str]) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, Mapping):
        inner = "".join(_element(key, each, items) for key, each in value.items())
    elif isinstance(value, list):
        item = items.get(name, "item")
        inner = "".join(_element(item, each, items) for each in value)
    else:
        # Parsers turn a bare carriage return into a line feed.
        plain = _NOT_XML.sub("\ufffd", _text(value))
        inner = escape(plain, {"\r": "&#13;"})
    return f"<{name}>{inner}</{name}>"


def _csv(answer: Answer, _: str) -> bytes:
    r"""Write a line of names, then a line a row (RFC 4180).

    >>> row = {"id": "7", "tags": ["a", "b"], "name": "=cmd()"}
    >>> _csv(Answer(200, {"list": [row]}, columns=("id", "tags", "name")), "")
    b'id,tags,name\r\n7,"a,b",\'=cmd()\r\n'
    """
    listed = "list" in answer.told
    rows = answer.told["list"] if listed else [answer.told]
    names = answer.columns if listed else tuple(answer.told)
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(names)
    lines.writerows([_cell(row, name) for name in names] for row in rows)
    return text.getvalue().encode("utf-8", errors="replace")


def _cell(row: Mapping[str, Any], name: str) -> str:
    """Return one cell; one that a spreadsheet would run is quoted (R26)."""
    value: Any = row
    for word in name.split("."):
        value = value.get(word) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        value = ",".join(_text(each) for each in _plain(value))
    text = "" if value is None else _text(value)
    risky = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if risky else text


def _plain(values: list[Any]) -> Iterator[Any]:
    """Yield a list's texts, those of an error's details too."""
    for value in values:
        yield value.get("details", "") if isinstance(value, Mapping) else value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_NOSNIFF: Final = {"X-Content-Type-Options": "nosniff"}
FORMATS: Final[Mapping[str, Format]] = {  # by extension (R23)
    "json": Format(JSON_TYPE, _json, {}),  # R24: no charset
    "xml": Format("application/xml", _xml, _NOSNIFF),
    "csv": Format("text/csv; charset=utf-8", _csv, _NOSNIFF),
    "js": Format("application/javascript", _jsonp, _NOSNIFF, is_script=True),
}
_ACCEPTED: Final = {
    "application/json": "json",
    "*/*": "json",
    "application/*": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "application/javascript": "js",
    "text/javascript": "js",
}


def split(word: str) -> tuple[str, str]:
    """Split a resource's word into its name and its extension, or "".

    >>> split("contents.xml"), split("contents"), split("contents.pdf")
    (('contents', 'xml'), ('contents', ''), ('contents.pdf', ''))
    """
    name, _, extension = word.rpartition(".")
    return (name, extension) if name and extension in FORMATS else (word, "")


def chosen(extension: str, accept: str, callback: str | None) -> Format:
    """Choose the form of an answer: by extension, then Accept, then JSON (R23).

    Parameters
    ----------
    extension : str
        One of `FORMATS`, or "".
    accept : str
        The header's value.
    callback : str or None
        As the query names it; JSONP can't be without.

    Raises
    ------
    RefusalError
        400 where a script is asked for, and no callback is named that can be one.

    >>> chosen("", "text/html, application/xml;q=0.9, */*;q=0.8", None).media_type
    'application/xml'
    """
    # Accept names scripts on behalf of script tags and of libraries in passing.
    asked = extension or _of_accept(accept, scripts=callback is not None)
    if asked == "js" and not CALLBACK.fullmatch(callback or ""):
        raise RefusalError(400, f"callback must match {CALLBACK.pattern}")
    return FORMATS[asked]


def _of_accept(accept: str, *, scripts: bool) -> str:
    """Return the format of the range that is liked best, in the order as sent."""
    ranges = []
    for part in accept.lower().split(","):
        kind, _, parameters = part.partition(";")
        found = [_QUALITY.fullmatch(each) for each in parameters.split(";")]
        quality = next((float(each[1]) for each in found if each), 1.0)
        ranges.append((quality, _ACCEPTED.get(kind.strip())))
    known = (
        (quality, name)
        for quality, name in ranges
        if name is not None and quality > 0 and (scripts or name != "js")
    )
    return max(known, key=lambda each: each[0], default=(1.0, "json"))[1]
