"""``voiceprep sandbox faults|log|advance|reset``: steer a sandbox that runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceprep.sandbox.remote import Remote

__all__ = ["COMMANDS"]

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _reached(common: Common, data: str | None) -> Remote:
    """Find the running sandbox: its folder by --data, here or before the command."""
    from voiceprep.pipeline.platform import sandbox_data
    from voiceprep.sandbox.remote import reach

    parent = click.get_current_context().parent
    given = data or (parent.params.get("data") if parent else None)
    return reach(Path(given) if given else sandbox_data(settings_of(common)))


_data_option: Final[Callable[[Any], Any]] = click.option(
    "--data", metavar="DIR", help="The running sandbox's (default: the default one's)."
)


@click.command(
    "faults",
    cls=ExampleCommand,
    examples="""\
voiceprep sandbox faults                                            show the script
voiceprep sandbox faults status status=503 retry_after=2 share=0.1
voiceprep sandbox faults reset-after method=POST path=/rest/mailings nth=1
voiceprep sandbox faults --clear
""",
)
@click.argument("words", nargs=-1, metavar="[KIND [NAME=VALUE]...]")
@click.option("--clear", is_flag=True, help="End all faults, before any new one.")
@_data_option
@common_options
def faults(
    words: tuple[str, ...], clear: bool, data: str | None, common: Common
) -> int:
    """Show the script of faults, or add one to it.

    Kinds: status, delay, reset-before, reset-after, truncate, html. Names: method,
    path (with *), action, nth (2 or 1,3), times, share, status, body, retry_after,
    delay_s, after (true: it has happened all the same).
    """
    from voiceprep.sandbox.faults import fault_of

    fault = fault_of(_pairs(words)).as_json() if words else None
    remote = _reached(common, data)
    if common.dry_run:
        say(common, f"would {'clear all faults, then ' if clear else ''}add {fault}")
        return Exit.DONE
    if clear:
        remote.ask("DELETE", "faults")
    told = remote.ask("POST", "faults", fault) if fault else remote.ask("GET", "faults")
    rows = told["faults"]
    if common.as_json:
        click.echo(document("voiceprep.sandbox.faults/1", rows))
        return Exit.DONE
    for row in rows:
        click.echo("  ".join(f"{name}={value}" for name, value in row.items()))
    say(common, _counted(len(rows)))
    return Exit.DONE


def _counted(rows: int) -> str:
    return (
        f"{rows} fault in the script" if rows == 1 else f"{rows} faults in the script"
    )


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    """Read the words of a fault; its kind may stand alone.

    >>> _pairs(("status", "status=503"))
    {'kind': 'status', 'status': '503'}
    """
    first, *others = words
    pairs = [first if "=" in first else f"kind={first}", *others]
    for pair in pairs:
        if "=" not in pair:
            raise click.UsageError(f"{pair!r} is no NAME=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


@click.command(
    "log",
    cls=ExampleCommand,
    examples="voiceprep sandbox log --after 40 --json\n",
)
@click.option(
    "--after", type=click.IntRange(0), default=0, metavar="N", help="Only later calls."
)
@_data_option
@common_options
def log(after: int, data: str | None, common: Common) -> int:
    """Show the latest calls, oldest first; secrets and tokens are not in them."""
    rows = _reached(common, data).ask("GET", f"log?after={after}")["calls"]
    if common.as_json:
        click.echo(document("voiceprep.sandbox.log/1", rows))
        return Exit.DONE
    for row in rows:
        click.echo(_line(row))
    return Exit.DONE


def _line(row: dict[str, Any]) -> str:
    """Say one call in a line; what a stranger sent can't steer the terminal."""
    at = datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="milliseconds")
    asked = row["path"] + (f"?{row['query']}" if row["query"] else "")
    plain = "".join(c if c.isprintable() else repr(c)[1:-1] for c in asked)
    status = "cut" if row["status"] is None else row["status"]
    fault = f"  fault: {row['fault']}" if row["fault"] else ""
    told = f"{at}  {row['method']} {plain}  {status}  {row['took_ms']} ms{fault}"
    return f"{row['number']:>5}  {told}"


def _seconds(span: str) -> float:
    """Read a length of time.

    >>> _seconds("90"), _seconds("1.5h")
    (90.0, 5400.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", span)
    if not found:
        raise click.BadParameter(f"{span!r} is no time such as 90, 15m, 2h, 1d")
    return float(found[1]) * _UNITS[found[2]]


@click.command(
    "advance",
    cls=ExampleCommand,
    examples="voiceprep sandbox advance 15m\n",
)
@click.argument("seconds", type=_seconds, metavar="TIME")
@_data_option
@common_options
def advance(seconds: float, data: str | None, common: Common) -> int:
    """Move the sandbox's clock on, and do all that is due by then; print its time."""
    remote = _reached(common, data)
    if common.dry_run:
        say(common, f"would advance the clock by {seconds:g} s")
        return Exit.DONE
    told = remote.ask("POST", "advance", {"seconds": seconds})
    if common.as_json:
        click.echo(document("voiceprep.sandbox.advance/1", [told]))
    else:
        click.echo(told["now"])
    return Exit.DONE


@click.command(
    "reset",
    cls=ExampleCommand,
    examples="voiceprep sandbox reset --data /tmp/box\n",
)
@_data_option
@common_options
def reset(data: str | None, common: Common) -> int:
    """Forget everything but accounts: contents, mailings, tokens, faults, the log."""
    remote = _reached(common, data)
    if common.dry_run:
        say(common, "would forget everything but accounts")
        return Exit.DONE
    told = remote.ask("POST", "reset")
    if common.as_json:
        click.echo(document("voiceprep.sandbox.reset/1", [told]))
    say(common, "forgot everything but accounts")
    return Exit.DONE


COMMANDS: Final = (faults, log, advance, reset)
