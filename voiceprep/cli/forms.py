"""Say results in the forms of programs that watch a repository of recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep.audio.finding import Severity
from voiceprep.cli.common import Failure
from voiceprep.cli.output import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from xml.etree.ElementTree import Element

    from voiceprep.audio.finding import Finding
    from voiceprep.pipeline.recording import Result

__all__ = ["FORMS", "github", "junit"]

# GitHub Actions, "Workflow commands": what stands for each severity.
_COMMANDS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
_ESCAPES: Final = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY_ESCAPES: Final = (*_ESCAPES, (":", "%3A"), (",", "%2C"))


def github(outcomes: Sequence[Result | Failure]) -> str:
    """Return GitHub's workflow commands: findings show beside the files.

    >>> github([Failure("a,b.wav", OSError("no disk"))])
    '::error file=a%2Cb.wav,title=failed::no disk'
    """
    return "\n".join(line for outcome in outcomes for line in _commands(outcome))


def _commands(outcome: Result | Failure) -> Iterator[str]:
    if isinstance(outcome, Failure):
        yield _command("error", outcome.path, "failed", str(outcome.error))
        return
    for finding in outcome.findings:
        kind = _COMMANDS[finding.severity]
        yield _command(kind, outcome.path, finding.code, sentence(finding, outcome))


def _command(kind: str, path: str, title: str, message: str) -> str:
    told = _escaped(message, _ESCAPES)
    file, title = (_escaped(text, _PROPERTY_ESCAPES) for text in (path, title))
    return f"::{kind} file={file},title={title}::{told}"


def _escaped(text: str, escapes: Sequence[tuple[str, str]]) -> str:
    for sign, stands in escapes:
        text = text.replace(sign, stands)
    return text


def junit(outcomes: Sequence[Result | Failure]) -> str:
    """Return a JUnit report: a test case a recording, a failure where it is refused.

    >>> print(junit([]))
    <?xml version='1.0' encoding='utf-8'?>
    <testsuites><testsuite name="voiceprep" tests="0" failures="0" errors="0" ...
    """
    from xml.etree import ElementTree as ET

    cases = [_case(outcome) for outcome in outcomes]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
    }
    numbers = {name: str(count) for name, count in counts.items()}
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", {"name": "voiceprep", **numbers})
    suite.extend(cases)
    raw: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return raw.decode("utf-8")


def _case(outcome: Result | Failure) -> Element:
    from xml.etree import ElementTree as ET

    case = ET.Element("testcase", {"classname": "voiceprep", "name": outcome.path})
    if isinstance(outcome, Failure):
        ET.SubElement(case, "error", {"message": _xml(str(outcome.error))})
        return case
    seconds = outcome.measurements.duration_s
    case.set("time", f"{seconds or 0:.3f}")
    if outcome.errors:
        first = outcome.errors[0]
        failure = ET.SubElement(case, "failure", {"type": first.code})
        failure.set("message", _xml(first.message))
        failure.text = _xml(_lines(outcome.errors, outcome))
    if others := [f for f in outcome.findings if f not in outcome.errors]:
        ET.SubElement(case, "system-out").text = _xml(_lines(others, outcome))
    return case


def _lines(findings: Iterable[Finding], result: Result) -> str:
    return "\n".join(
        f"{each.severity} {each.code}: {sentence(each, result)}" for each in findings
    )


def _xml(text: str) -> str:
    """Leave out what XML 1.0 can't hold: names may contain any byte."""
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else "?" for sign in text
    )


FORMS: Final[dict[str, Callable[[Sequence[Result | Failure]], str]]] = {
    "junit": junit,
    "github": github,
}
