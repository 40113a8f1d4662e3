"""Read the wire fixtures of tests/wire, and compare what came with what was written.

A fixture is one exchange, by hand, from docs/platform-contract.md:

    Claim: a sentence, with the items of the contract
    Given: what there must be before (a content, a mailing ...), or nothing
    Sides: sandbox, client, or both

    === request
    GET /content/rest/contents?id={{id}} HTTP/1.1
    Authorization: Bearer {{token}}

    === answer
    HTTP/1.1 200 OK
    Content-Type: application/json

    {"size": 1, "total": null, "list": [...]}

Lines end in CRLF on the wire where a format wants it (heads, multipart bodies, CSV);
a body's last line end is none, but for CSV's. Content-Length is counted, never written,
unless it is the point. `{{name}}` is a placeholder: known values are filled in; in an
answer of the sandbox an unknown one matches its kind (KINDS) and must be the same at
its next place. Answers are compared so: the status exactly; each header that is named
exactly; a JSON body by value, with exactly the written members (spaces and the order of
members say nothing); any other body to the byte.
"""

import json
import re
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

FOLDER = Path(__file__).parent / "wire"
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
KINDS = {  # what a placeholder may stand for where its value is not known
    "id": r"\d+",
    "number": r"\d+",
    "token": r"[!-~]{16,}",
    "folder": r"[\w-]{16,}",
    "when": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
    "text": r".+",
}


@dataclass(frozen=True)
class Message:
    """One side of an exchange: the first line, the headers, the body."""

    start: str
    headers: tuple
    body: str

    def header(self, name, default=""):
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if found else default

    @property
    def text(self):
        """The body with the line ends of its format."""
        kind = self.header("Content-Type").partition(";")[0]
        if kind == "multipart/form-data":
            return self.body.replace("\n", "\r\n")
        return (
            self.body.replace("\n", "\r\n") + "\r\n"
            if kind == "text/csv"
            else self.body
        )

    def on_the_wire(self, values):
        """Return the very bytes, with values filled in."""
        body = filled(self.text, values)
        head = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        if not self.header("Content-Length") and (body or self.start[:4] == "HTTP"):
            head.append(f"Content-Length: {len(body)}")
        lines = "".join(f"{line}\r\n" for line in head)
        return filled(lines, values) + b"\r\n" + body


@dataclass(frozen=True)
class Fixture:
    """One exchange, by name."""

    name: str
    claim: str
    given: tuple
    sides: str
    request: Message
    answer: Message

    @property
    def status(self):
        return int(self.answer.start.split()[1])


def fixtures(side):
    """Return the fixtures that hold one side to the contract."""
    every = [fixture(path) for path in sorted(FOLDER.glob("*.http"))]
    return [one for one in every if one.sides in {side, "both"}]


def fixture(path):
    top, request, answer = re.split(
        r"^=== (?:request|answer)\n", path.read_text("utf-8"), flags=re.MULTILINE
    )
    told = dict(line.split(": ", 1) for line in top.splitlines() if line)
    given = tuple(word for word in told["Given"].split() if word != "nothing")
    return Fixture(
        path.stem,
        told["Claim"],
        given,
        told["Sides"],
        message(request.removesuffix("\n")),  # the blank line before `=== answer`
        message(answer),
    )


def message(text):
    head, _, body = text.partition("\n\n")
    start, *lines = head.splitlines()
    headers = tuple(tuple(line.split(": ", 1)) for line in lines)
    return Message(start, headers, body.removesuffix("\n"))


def filled(text, values):
    """Return the bytes of a text, each placeholder's value in its place."""
    parts = PLACEHOLDER.split(text)
    for n in range(1, len(parts), 2):
        parts[n] = values[parts[n]]
    return b"".join(
        part if isinstance(part, bytes) else part.encode() for part in parts
    )


# Comparing an answer with a written one


def differences(written, status, headers, body, values):
    """Return in sentences how an answer differs from what was written."""
    values, found = dict(values), []
    if status != int(written.start.split()[1]):
        found.append(f"status {status} instead of {written.start}")
    for name, value in written.headers:
        if not matches(value, headers.get(name) or "", values):
            found.append(f"{name}: {headers.get(name)!r} instead of {value!r}")
    if written.header("Content-Type") == "application/json":
        expected = json.loads(written.body)
        found += unlike(expected, json.loads(body or b"null"), values, "$")
    elif not matches(written.text, body.decode(), values):
        found.append(f"the body is {body.decode()!r} instead of {written.text!r}")
    return found


def unlike(expected, found, values, place):
    """Compare JSON values; yield each difference with its place."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            yield f"{place} has {sorted(found)} instead of {sorted(expected)}"
        for name in expected.keys() & found.keys():
            yield from unlike(expected[name], found[name], values, f"{place}.{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{place} has {len(found)} items instead of {len(expected)}"
        for n, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from unlike(one, other, values, f"{place}[{n}]")
    elif isinstance(expected, str) and isinstance(found, str):
        if not matches(expected, found, values):
            yield f"{place} is {found!r} instead of {expected!r}"
    elif type(expected) is not type(found) or expected != found:
        yield f"{place} is {found!r} instead of {expected!r}"


def matches(pattern, found, values):
    """Tell whether a text fits a pattern; what placeholders stood for is kept."""
    parts = PLACEHOLDER.split(pattern)
    regex, here = "", set()
    for n, part in enumerate(parts):
        if n % 2 == 0:
            regex += re.escape(part)
        elif part in values:
            regex += re.escape(text_of(values[part]))
        elif part in here:
            regex += f"(?P={part})"
        else:
            here.add(part)
            regex += f"(?P<{part}>{KINDS[part.rstrip('0123456789')]})"
    fits = re.fullmatch(regex, found, re.DOTALL)
    if fits:
        values.update(fits.groupdict())
    return fits is not None


def text_of(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


# The meaning of a request, whatever its form (R8 to R11)

VERBS = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}


@dataclass(frozen=True)
class Meaning:
    """What a request asks for: two that mean the same are equal."""

    path: str
    action: str
    parameters: dict
    files: dict
    authorization: str


def meaning(raw):
    """Return what a request's bytes ask for."""
    head, _, body = raw.partition(b"\r\n\r\n")
    start, _, fields = head.partition(b"\r\n")
    verb, target, _ = start.decode().split()
    headers = BytesParser().parsebytes(fields + b"\r\n\r\n")
    parts = urlsplit(target)
    url = parse_qsl(parts.query, keep_blank_values=True)
    pairs, files = body_of(headers, body)
    action = dict(pairs).get("action", VERBS.get(verb, verb))
    action = dict(url).get("action", action)
    parameters = {}
    for name, value in [*url, *pairs]:
        if name != "action" and value != "":
            plain = re.sub(r"\[\d*\]$", "", name)
            parameters.setdefault(plain, []).extend(items(plain, value))
    authorization = headers.get("Authorization", "")
    path = unquote(parts.path).rstrip("/")
    return Meaning(path, action, parameters, files, authorization)


def body_of(headers, body):
    kind = headers.get_content_type()
    if kind == "multipart/form-data":
        whole = b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n"
        return parts_of(BytesParser().parsebytes(whole + body))
    if kind == "application/json":
        return list(json.loads(body).items()), {}
    return parse_qsl(body.decode("latin-1"), keep_blank_values=True), {}


def parts_of(whole):
    pairs, files = [], {}
    for part in whole.get_payload():
        name = part.get_param("name", header="Content-Disposition")
        raw = part.get_payload(decode=True)
        if part.get_filename() is None:
            pairs.append((name, raw.decode()))
        else:
            files[name] = (part.get_filename(), raw)
    return pairs, files


def items(name, value):
    """Return a parameter's values: JSON by value, lists of ids and words apart."""
    if name in {"contacts", "metaData"}:
        return [json.loads(value) if isinstance(value, str) else value]
    if name in {"id", "tags", "properties", "status"}:
        words = value if isinstance(value, list) else str(value).split(",")
        return [str(word).strip() for word in words]
    return [value]
