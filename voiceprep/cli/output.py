"""Say results: as text for a person, as one JSON document for a program."""

from __future__ import annotations

import json
import math
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep import errors
from voiceprep.audio.rules import Finding, Severity, Verdict
from voiceprep.cli.common import Failure
from voiceprep.cli.drawing import drawn
from voiceprep.cli.exits import Exit, exit_of, most_urgent
from voiceprep.cli.language import language_despite
from voiceprep.cli.sentences import said_in, sentence_of, visible
from voiceprep.cli.words import counted, number, word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from voiceprep.cli.common import Common
    from voiceprep.pipeline.recording import Result

__all__ = [
    "PROGRAM",
    "document",
    "exit_code",
    "failure_json",
    "failure_line",
    "mastered",
    "mending_command",
    "next_command",
    "own_name",
    "result_lines",
    "results_json",
    "rounded_down",
    "say",
    "say_last",
    "says_more",
    "sentence",
    "show",
    "summary",
]

PROGRAM: Final = "voiceprep"
_COLORS: Final = {
    Verdict.FIT: "green",
    Verdict.FIT_WITH_WARNINGS: "yellow",
    Verdict.REFUSED: "red",
    Verdict.UNREADABLE: "red",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}


def say(common: Common, text: str) -> None:
    """Talk to the person, on stderr, unless they asked for quiet.

    What other rooms say comes in English, and is said in the person's language.
    """
    if not common.quiet:
        # What was done is said, whatever is wrong with settings that it did not need.
        language = language_despite(common.lang, common.profile)
        click.echo(visible(said_in(language, text)), err=True)


def say_last(common: Common, text: str, platform: str | None) -> None:
    """Say what happened and, as the line's last words, whether it was only a trial."""
    if platform == "sandbox":
        text = word(common.language, "sandbox", said=text)
    say(common, text)


def document(schema: str, results: Iterable[Any], **fields: Any) -> str:
    """Return the one JSON document of a command.

    >>> document("voiceprep.check/1", [])
    '{"schema": "voiceprep.check/1", "results": []}'
    """
    whole = {"schema": schema, **fields, "results": list(results)}
    # ASCII only: a name of any bytes stays readable for every program.
    return json.dumps(whole)


def result_lines(
    common: Common,
    result: Result,
    command: Sequence[str],
    fixes: Collection[str] = (),
) -> list[str]:
    """Say what was found of one recording, a line each."""
    language = common.language
    verdict = _colored(common, word(language, f"verdict.{result.verdict}"), result)
    seconds = result.measurements.duration_s
    length = "" if seconds is None else f", {rounded_down(seconds, language)} s"
    shown = [f for f in result.findings if _is_shown(common, f)]
    if len(shown) == 1 and not result.verdict.is_fit:
        told = sentence(shown[0], result, language)
        colon = word(language, "colon")
        lines = [f"{visible(result.path)}: {verdict}{colon} {told}"]
    else:
        lines = [f"{visible(result.path)}: {verdict}{length}"]
        lines += [f"    {_labelled(common, finding, result)}" for finding in shown]
    if told := mastered(result, language):
        lines.append(f"    {told}")
    if common.verbose:
        lines += [f"    {line}" for line in drawn(result, language)]
        lines += [f"    {name}: {visible(str(v))}" for name, v in _measured(result)]
    if mend := mending_command(result, command, fixes):
        lines.append(f"    {word(language, 'mend', command=mend)}")
    return lines


def _colored(common: Common, text: str, told: Result | Finding) -> str:
    """Colour a word by the verdict or the severity that it says."""
    by = told.severity if isinstance(told, Finding) else told.verdict
    return click.style(text, fg=_COLORS[by]) if common.color else text


def mastered(result: Result, language: str = "en") -> str:
    """Say what was done to the sound where no finding says it."""
    m = result.measurements
    told = {finding.code for finding in result.findings}
    said = bool(told & {"too_quiet", "too_loud"})
    if said or m.master in {None, "off"} or not result.verdict.is_fit:
        return ""
    way, gain_db = "raised" if (m.gain_db or 0) >= 0 else "lowered", abs(m.gain_db or 0)
    words = [word(language, way, n=number(language, gain_db))]
    if m.master == "clarity":
        words.insert(0, word(language, "clearer"))
    if m.limited_s:
        words.append(word(language, "limited", n=number(language, m.limited_s)))
    return word(language, "mastered", done=", ".join(words))


def says_more(common: Common, result: Result) -> bool:
    """Say whether there is anything to tell beside a result's data."""
    if common.quiet:
        return bool(result.errors)
    return bool(result.findings or mastered(result) or common.verbose)


def _is_shown(common: Common, finding: Finding) -> bool:
    return not (common.quiet and finding.severity is Severity.INFO)


def rounded_down(seconds: float, language: str = "en") -> str:
    """Say a length as the platform does, rounded down: 9.99 s are no 10.0 s.

    >>> rounded_down(9.99), rounded_down(2.3), rounded_down(9.99, "fr")
    ('9.9', '2.3', '9,9')
    """
    return number(language, math.floor(seconds * 10 + 1e-6) / 10)


def _labelled(common: Common, finding: Finding, result: Result) -> str:
    severity = word(common.language, f"severity.{finding.severity}")
    label = _colored(common, severity, finding)
    return f"{label} {finding.code}: {sentence(finding, result, common.language)}"


def sentence(finding: Finding, result: Result, language: str = "en") -> str:
    """Say a finding and what to do; of a refused recording nothing is mended yet."""
    message, remedy = finding.message, finding.remedy
    if language != "en":
        from voiceprep.report import Language, told_in

        message, remedy = told_in(Language(language), finding.code, message, remedy)
    if finding.message.startswith("mended: ") and not result.verdict.is_fit:
        message = word(language, "would_be", said=message)
    return visible(f"{message}. {remedy}".strip())


def _measured(result: Result) -> Iterable[tuple[str, Any]]:
    """List the measures that a person may ask for with -v."""
    return result.measurements.as_json().items()


def mending_command(
    result: Result, command: Sequence[str], fixes: Collection[str] = ()
) -> str | None:
    """Return the complete command that would mend a refused recording.

    None where anything stands against it that no repair mends. The repairs that
    were asked for already stay in it.
    """
    needed = [finding.fix for finding in result.errors]
    if not needed or None in needed:
        return None
    return next_command(command, [result.path], {*fixes, *map(str, needed)})


def next_command(
    command: Sequence[str], paths: Sequence[str], fixes: Collection[str] = ()
) -> str:
    """Return a command that a shell takes as it stands.

    >>> next_command(["voiceprep", "check"], ["a b.wav"], {"size", "phase"})
    "voiceprep check 'a b.wav' --fix phase,size"
    """
    repairs = ["--fix", ",".join(sorted(fixes))] if fixes else []
    # A name that begins like an option is named by its folder.
    named = [f"./{path}" if path[:1] == "-" != path else path for path in paths]
    words = [own_name() if word == PROGRAM else word for word in command]
    return " ".join(map(_quoted, [*words, *named, *repairs]))


def own_name() -> str:
    """Name this program as a shell finds it: by its path, where it is not on PATH.

    >>> own_name()
    'voiceprep'
    """
    from shutil import which

    called = sys.argv[0]
    is_ours = os.path.basename(called) == PROGRAM  # noqa: PTH119 (any bytes)
    return called if is_ours and which(PROGRAM) is None else PROGRAM


def _quoted(word: str) -> str:
    r"""Quote a word for a shell; one with hidden signs as bash, zsh and ksh read it.

    >>> print(_quoted("a\tb.wav"))
    $'a\tb.wav'
    """
    import shlex

    if visible(word) == word:
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{visible(escaped)}'"


def show(
    common: Common,
    outcome: Result | Failure,
    command: Sequence[str],
    fixes: Collection[str] = (),
    *,
    err: bool = False,
) -> None:
    """Say an outcome as text; a failure always to stderr.

    Parameters
    ----------
    command : sequence of str
        What was called, for the command that would mend a refusal.
    fixes : collection of str
        The repairs that were asked for.
    err : bool
        Whether results are talk (stderr), not the command's data (stdout).
    """
    if isinstance(outcome, Failure):
        click.echo(failure_line(outcome, common.language), err=True)
    elif not common.as_json:
        lines = result_lines(common, outcome, command, fixes)
        click.echo("\n".join(lines), err=err)


def failure_line(failure: Failure, language: str = "en") -> str:
    """Say what a recording failed of.

    >>> failure_line(Failure("talk.wav", OSError(13, "Permission denied", "out")))
    'talk.wav: nothing was written: out: permission denied; ...'
    """
    path, error = visible(failure.path), failure.error
    if isinstance(error, OSError):
        return word(language, "unwritten", path=path, why=sentence_of(error, language))
    return word(language, "about", what=path, said=sentence_of(error, language))


def results_json(outcomes: Iterable[Result | Failure]) -> list[dict[str, object]]:
    """Return the results of a run for JSON; a failure says its class."""
    return [
        failure_json(outcome) if isinstance(outcome, Failure) else outcome.as_json()
        for outcome in outcomes
    ]


def failure_json(failure: Failure) -> dict[str, object]:
    """Return what a recording failed of, for JSON."""
    error = failure.error
    # The word of the public tree, not of a subclass that a room keeps to itself.
    kinds = type(error).__mro__
    public = (kind for kind in kinds if kind.__name__ in errors.__all__)
    told = {"class": next(public, kinds[0]).__name__, "message": str(error)}
    return {"path": failure.path, "error": told}


def _never(_: Result) -> bool:
    return False


def exit_code(
    outcomes: Iterable[Result | Failure], held: Callable[[Result], bool] = _never
) -> Exit:
    """Return the most urgent exit code of a run.

    `held` says which fit recordings were held back: they count as refused.
    """
    codes = (
        exit_of(outcome.error)
        if isinstance(outcome, Failure)
        else Exit.DONE
        if outcome.verdict.is_fit and not held(outcome)
        else Exit.REFUSED
        for outcome in outcomes
    )
    return most_urgent(codes)


def summary(
    outcomes: Sequence[Result | Failure],
    done: str,
    held: Callable[[Result], bool] = _never,
    language: str = "en",
) -> str:
    """Sum a run up: how many were `done`, held back, refused, unreadable, failed."""
    counts = Counter(
        "failed"
        if isinstance(outcome, Failure)
        else "held back for warnings"
        if held(outcome)
        else done
        if outcome.verdict.is_fit
        else str(outcome.verdict)
        for outcome in outcomes
    )
    order = (done, "held back for warnings", "refused", "unreadable", "failed")
    parts = [counted(language, counts[each], each) for each in order if counts[each]]
    return ", ".join(parts) or word(language, "nothing")
