"""Say how a batch ended: its last line, what to do next, its exit code."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import click

from voiceprep import errors
from voiceprep.cli.batch_ledger import counted
from voiceprep.cli.exits import Exit, exit_of, most_urgent
from voiceprep.cli.output import SANDBOX_WORDS, next_command, say
from voiceprep.cli.sentences import sentence_of

if TYPE_CHECKING:
    from voiceprep.cli.common import Common
    from voiceprep.pipeline.folder import Order, Summary
    from voiceprep.pipeline.results import Tally

__all__ = ["tell"]

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
    line = counted(summary.counts)
    if summary.unchanged:
        line += f" ({summary.unchanged:,} unchanged)"
    code = _code(summary, watched=order.watch_s is not None)
    line += f"; results in {order.out.rstrip('/')}/results.csv"
    if summary.trouble is not None:
        click.echo(f"voiceprep: {sentence_of(summary.trouble)}", err=True)
    line += f". Next: {_next(order, summary, code)}"
    if summary.platform == "sandbox":
        line += f" {SANDBOX_WORDS}"
    say(common, line)
    return code


def _code(summary: Summary, *, watched: bool) -> int:
    """Return the most urgent exit code of a batch."""
    codes = _codes(summary.tally)
    if not summary.counts and not watched:
        codes.append(Exit.REFUSED)  # as `check` has it: the wrong folder, most likely
    if summary.trouble is not None:
        codes.append(exit_of(summary.trouble))
    if summary.stopped and not watched and summary.counts.get("planned"):
        return Exit.INTERRUPTED
    return most_urgent(codes)


def _codes(tally: Tally) -> list[Exit]:
    """Return the exit codes of what became of recordings."""
    codes = [
        _EXIT_OF_OUTCOME[word] for word in tally.counts if word in _EXIT_OF_OUTCOME
    ]
    for kind in tally.kinds:
        error: type[BaseException] = getattr(errors, kind, OSError)
        codes.append(exit_of(error.__new__(error)))
    return codes


def _next(order: Order, summary: Summary, code: int) -> str:
    """Say what to do next."""
    return _mending(order, summary) or _going_on(order, summary, code)


def _mending(order: Order, summary: Summary) -> str:
    """Say what to do about what did not get through; "" where all did."""
    counts, out = summary.counts, shlex.quote(order.out)
    if counts.get("unknown"):
        return f"voiceprep batch reconcile {out}"
    if counts.get("failed") or counts.get("planned") or summary.trouble is not None:
        return "mend what is said above, then run the same command again"
    if counts.get("not_taken"):
        return f"read why in results.csv, then voiceprep batch retry {out}"
    return ""


def _going_on(order: Order, summary: Summary, code: int) -> str:
    """Say what follows where nothing failed."""
    if not summary.counts:
        return "name a folder with .mp3 or .wav files, in its subfolders too"
    if summary.counts.get("held"):
        return "read in results.csv why some are held back, and decide"
    if code == Exit.REFUSED and not order.treatment.fixes:
        more = [] if summary.platform is None else ["--upload"]
        return f"read why in results.csv, or {_again(order, *more, '--fix', 'all')}"
    if summary.counts.get("uploaded"):
        return "a mailing with the url_encoded of results.csv"
    if summary.page is not None:
        from voiceprep.pipeline.results import shown

        decided = _again(order, "--upload", "--approved", "FILE")
        return f"open {shown(str(summary.page))}, listen, decide, then {decided}"
    return f"listen to the .wav in {order.out}, then {_again(order, '--upload')}"


def _again(order: Order, *more: str) -> str:
    """Repeat the command, with more options; in words where it is not a short one."""
    from voiceprep.pipeline.listing import Filter

    # The URL of a ledger may hold a password; an approval must not get lost.
    rest = (order.entered_as, order.ledger, order.approves)
    if any(each is not None for each in rest) or order.chosen != Filter():
        return f"the same command with {shlex.join(more)}"
    words = ["voiceprep", "batch", "-o", order.out, *order.treatment.words]
    words += ["--strict"] if order.strict else []
    return next_command([*words, *more], order.sources, order.treatment.fixes)
