"""Say how a batch ended: its last line, what to do next, its exit code."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from voiceprep import errors
from voiceprep.cli.batch_ledger import totals
from voiceprep.cli.exits import Exit, exit_of, most_urgent
from voiceprep.cli.output import next_command, say_last
from voiceprep.cli.sentences import sentence_of
from voiceprep.cli.words import counted, word

if TYPE_CHECKING:
    from voiceprep.cli.common import Common
    from voiceprep.pipeline.folder import Order, Summary
    from voiceprep.pipeline.results import Tally

__all__ = ["tell"]

_FEW: Final = 3  # sources that a command to copy names
_EXIT_OF_OUTCOME: Final = {
    "uploaded": Exit.DONE,
    "prepared": Exit.DONE,
    "held": Exit.REFUSED,
    "refused": Exit.REFUSED,
    "unreadable": Exit.REFUSED,
    "unknown": Exit.UNKNOWN,
}


def tell(order: Order, summary: Summary, common: Common) -> int:
    """Say the last line, and return the exit code."""
    language = common.language
    line = totals(summary.counts, language)
    if summary.unchanged:
        line += f" ({counted(language, summary.unchanged, 'unchanged')})"
    code = _code(order, summary)
    place = f"{order.out.rstrip('/')}/results.csv"
    line = word(language, "batch.results", said=line, place=place)
    if summary.trouble is not None:
        click.echo(f"voiceprep: {sentence_of(summary.trouble, language)}", err=True)
    line = word(language, "next", said=line, step=_next(order, summary, code, language))
    say_last(common, line, summary.platform)
    return code


def _code(order: Order, summary: Summary) -> int:
    """Return the most urgent exit code of a batch."""
    codes, watched = _codes(summary.tally), order.watch_s is not None
    if not summary.counts and not watched:
        codes.append(Exit.REFUSED)  # as `check` has it: the wrong folder, most likely
    if summary.trouble is not None:
        codes.append(exit_of(summary.trouble))
    if not watched and _was_cut(order, summary):
        return Exit.INTERRUPTED
    return most_urgent(codes)


def _was_cut(order: Order, summary: Summary) -> bool:
    """Say whether it was told to stop before all was prepared, sent and shown."""
    # An order names an account where nothing is to be sent.
    left = {"planned"} if order.account else {"planned", "prepared"}
    lacks_page = order.report is not None and summary.page is None
    return summary.stopped and (
        lacks_page or not left.isdisjoint(+summary.tally.counts)
    )


def _codes(tally: Tally) -> list[Exit]:
    """Return the exit codes of what became of recordings."""
    codes = [
        _EXIT_OF_OUTCOME[word] for word in tally.counts if word in _EXIT_OF_OUTCOME
    ]
    for kind in tally.kinds:
        error: type[BaseException] = getattr(errors, kind, OSError)
        codes.append(exit_of(error.__new__(error)))
    return codes


def _next(order: Order, summary: Summary, code: int, language: str) -> str:
    """Say what to do next."""
    mending = _mending(order, summary, language)
    return mending or _going_on(order, summary, code, language)


def _mending(order: Order, summary: Summary, language: str) -> str:
    """Say what to do about what did not get through; "" where all did."""
    counts, out = summary.counts, shlex.quote(order.out)
    if counts.get("unknown"):
        return f"voiceprep batch reconcile {out}"
    if _goes_on_by_itself(order, summary):
        return word(language, "batch.same_again")
    if counts.get("failed") or counts.get("planned") or summary.trouble is not None:
        return word(language, "batch.mend")
    if counts.get("not_taken"):
        again = f"voiceprep batch retry {out}"
        return word(language, "batch.why_then", command=again)
    return ""


def _goes_on_by_itself(order: Order, summary: Summary) -> bool:
    """Say whether the next run goes on without anything being mended first."""
    if summary.trouble is not None:
        return exit_of(summary.trouble) is Exit.TEMPORARY
    is_left = summary.counts.get("planned") or _was_cut(order, summary)
    return bool(is_left) and not summary.counts.get("failed")


def _going_on(order: Order, summary: Summary, code: int, language: str) -> str:
    """Say what follows where nothing failed."""
    again = partial(_again, order, language)
    if not summary.counts:
        from voiceprep.pipeline.listing import Filter

        key = "batch.none_chosen" if order.chosen != Filter() else "batch.empty"
        return word(language, key)
    if summary.counts.get("held"):
        return word(language, "batch.held")
    if code == Exit.REFUSED and (not order.treatment.fixes or not _fit(summary)):
        return _refused(order, summary, language)
    if summary.counts.get("uploaded") and not summary.counts.get("prepared"):
        return word(language, "batch.mailing")
    if summary.page is not None:
        from voiceprep.pipeline.results import shown

        decided = again("--upload", "--approved", "FILE")
        page = shown(str(summary.page))
        return word(language, "batch.decide", page=page, command=decided)
    upload = again("--upload")
    return word(language, "next.prepared", out=order.out, command=upload)


def _fit(summary: Summary) -> int:
    """Count what went through."""
    return summary.counts.get("prepared", 0) + summary.counts.get("uploaded", 0)


def _refused(order: Order, summary: Summary, language: str) -> str:
    """Say what would help what was refused; no repair mends what can't be read."""
    if summary.counts.get("refused") and not order.treatment.fixes:
        more = [] if summary.platform is None else ["--upload"]
        again = _again(order, language, *more, "--fix", "all")
        return word(language, "batch.why_or", command=again)
    if summary.tally.missing == sum(summary.counts.values()):
        return word(language, "batch.missing")
    return word(language, "batch.replace")


def _again(order: Order, language: str, *more: str) -> str:
    """Repeat the command, with more options; in words where it is not a short one."""
    from voiceprep.audio.rules import FIXES
    from voiceprep.pipeline.listing import Filter

    # The URL of a ledger may hold a password; an approval must not get lost.
    rest = (order.entered_as, order.ledger, order.approves)
    is_long = order.chosen != Filter() or len(order.sources) > _FEW
    if any(each is not None for each in rest) or is_long:
        return word(language, "batch.same", options=shlex.join(more))
    words = ["voiceprep", "batch", "-o", order.out, *order.treatment.words]
    words += ["--strict"] if order.strict else []
    fixes = {"all"} if order.treatment.fixes >= set(FIXES) else order.treatment.fixes
    return next_command([*words, *more], order.sources, fixes)
