"""``voiceprep messages listen``: receive the platform's pings."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from voiceprep.cli import rows
from voiceprep.cli.campaigns import Seconds, calls_ledger_option, opened
from voiceprep.cli.common import Common, ExampleCommand, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.words import counted, joined, number, or_as_is, word
from voiceprep.contract import STATES

if TYPE_CHECKING:
    from voiceprep.ledger import Change
    from voiceprep.pipeline.listening import Listen, Listening
    from voiceprep.pipeline.reader import Seen

__all__ = ["EXAMPLES", "listen"]

SCHEMA: Final = "voiceprep.messages.listen/1"
EXAMPLES: Final = """\
voiceprep messages listen                                 prints the URL for --ping
voiceprep messages listen 'Relance mars' --public-url https://calls.example
voiceprep messages listen --forward-to http://127.0.0.1:9000/changed
"""
_LOOK_S: Final = 0.5  # so that a signal is heard wherever it was sent to


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=18_712,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--public-url",
    default="",
    metavar="URL",
    help="What the platform reaches it by, where a proxy stands before it.",
)
@click.option("--each", is_flag=True, help="Ask for a ping for each message: #id#.")
@click.option(
    "--forward-to",
    default="",
    metavar="URL",
    help="Pass on what was verified: JSON by POST; with #id# or #ids#, a ping.",
)
@click.option(
    "--sweep",
    "sweep_s",
    type=Seconds(0.05),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Between looks for what pings were lost of.",
)
@calls_ledger_option
@common_options
def listen(
    names: tuple[str, ...],
    host: str,
    port: int,
    public_url: str,
    each: bool,
    forward_to: str,
    sweep_s: float,
    ledger: str | None,
    common: Common,
) -> int:
    """Receive pings until it is interrupted; print the URL for `mailing plan --ping`.

    A ping is unsigned and proves nothing: each only has a message read again, with
    your own token. NAME is a campaign to look after from the beginning; campaigns
    of which calls are open are looked after anyway. The URL stays the same from run
    to run. Ctrl-C reads what still waits, and ends with 0.
    """
    from voiceprep.pipeline.following import full_name
    from voiceprep.pipeline.listening import Listen, Listening, listening
    from voiceprep.pipeline.reader import Pauses
    from voiceprep.pipeline.receiver import path_key

    with opened(common, ledger) as (client, platform, known):
        order = Listen(
            path_key(_key_file(), client.account),
            host=host,
            port=port,
            public_url=public_url,
            names=tuple(full_name(known, client.account, name) for name in names),
            forward_to=forward_to,
        )
        here = Listening(
            client,
            known,
            order,
            pauses=Pauses(sweep_s=sweep_s),
            say=lambda line: say(common, line),
            changed=lambda changes: _tell(common, changes),
        )
        if common.dry_run:
            would = {"host": host, "port": port}
            say(common, word(common.language, "listen.would", **would))
            return Exit.DONE
        with listening(here):
            _show_url(common, here, platform, each=each)
            while not here.ended.wait(_LOOK_S):
                pass
        seen = here.stop()
    say_last(common, _last(seen, order, common.language), platform)
    return Exit.DONE


def _key_file() -> Path:
    """Return where the secret of the path is kept: beside the person's ledger."""
    home = os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    return Path(home) / "voiceprep" / "calls" / "pings"


def _show_url(common: Common, here: Listening, platform: str, *, each: bool) -> None:
    url = here.url(each=each)
    if common.as_json:
        result = {"ping_url": url, "port": here.port, "pid": os.getpid()}
        click.echo(document(SCHEMA, [result], platform=platform))
    else:
        click.echo(url)
    say(common, word(common.language, "listen.begun"))


def _tell(common: Common, changes: list[Change]) -> None:
    """Say what moved; with -v each message, without a number."""
    from voiceprep.client.words import plain

    if common.verbose:
        for change in changes:
            told = change.told
            words = plain(told.description or "")
            before = _state(change.before, common.language)
            after = _state(told.state, common.language)
            say(common, f"{told.id}  {before} → {after}  {words}")
    else:
        counts = Counter(change.told.state for change in changes)
        parts = (counted(common.language, counts[s], s) for s in STATES if counts[s])
        say(common, ", ".join(parts))


def _state(state: str | None, language: str) -> str:
    if not state:
        return word(language, "listen.new")
    return or_as_is(language, "state", state)


def _last(seen: Seen, order: Listen, language: str) -> str:
    """Say what happened, and what is left for the next time."""
    changes = rows.counted(seen.changed, "change", language)
    parts = [word(language, "listen.learnt", changes=changes)]
    if seen.unknown:
        ids = rows.counted(seen.unknown, "id", language)
        parts.append(word(language, "listen.strange", ids=ids))
    if seen.left:
        n = number(language, seen.left, 0)
        parts.append(word(language, "listen.left", n=n))
    if seen.owed:
        n = number(language, seen.owed, 0)
        parts.append(word(language, "listen.owed", n=n, url=order.forward_to))
    return joined(language, parts)
