"""What a batch has done so far: looked at, tried again, forgotten, compared."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.common import (
    Common,
    ExampleCommand,
    common_options,
    settings_of,
)
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.sentences import said_in, visible
from voiceprep.cli.words import counted, word
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.ledger import Ledger, Recording, Run
    from voiceprep.pipeline.bookkeeping import Comparison

__all__ = ["COMMANDS", "ledger_option", "totals"]

STATUS: Final = """\
voiceprep batch status out
voiceprep batch status out --json | jq .counts
"""
RETRY: Final = """\
voiceprep batch retry out                what failed, was not taken, or was unreadable
voiceprep batch retry out 'promo-*.mp3'  these, whatever became of them
"""
FORGET: Final = """\
voiceprep batch forget out 'old-*.mp3'
"""
RECONCILE: Final = """\
voiceprep batch reconcile out
"""
_ORDER: Final = (  # of the words in a summary
    *("uploaded", "prepared", "held", "refused", "unreadable"),
    *("not_taken", "failed", "unknown", "planned"),
)
_WORDS: Final = {"not_taken": "not taken by the platform", "held": "held back"}
_WORST: Final = ("unclear", "doubled", "gone")  # what to do something about, first
_OF_INTEREST: Final = {"failed", "not_taken", "unknown", "unreadable"}

ledger_option = click.option(
    "--ledger",
    metavar="URL",
    help="postgresql+psycopg://… shares one (default: a file in OUT).",
)


def totals(counts: dict[str, int], language: str = "en") -> str:
    """Say how many recordings came to what.

    >>> totals({"refused": 1, "uploaded": 1_000})
    '1,000 uploaded, 1 refused'
    """
    parts = [
        counted(language, counts[outcome], _WORDS.get(outcome, outcome))
        for outcome in _ORDER
        if counts.get(outcome)
    ]
    return ", ".join(parts) or word(language, "batch.none")


@contextmanager
def _opened(
    out: str, url: str | None, *, to_look: bool = False
) -> Iterator[tuple[Ledger, str]]:
    """Open the ledger of an OUT that there is."""
    from voiceprep.ledger import Ledger, file_of
    from voiceprep.pipeline.folder import Order, ledger_file, ledger_of
    from voiceprep.pipeline.looking import looked_at
    from voiceprep.pipeline.places import place_of

    order = Order(sources=(), out=out, ledger=url)
    if url is None and not ledger_file(place_of(out)).parent.is_dir():
        raise SettingsError(f"{out}: no batch has written there; name its OUT")
    if url is not None and (file := file_of(url)) and not file.exists():
        raise SettingsError(f"{file}: no ledger is there; is --ledger right?")
    opening = looked_at(order) if to_look else Ledger(ledger_of(order))
    with opening as ledger:
        yield ledger, place_of(out)


@click.command(cls=ExampleCommand, examples=STATUS)
@click.argument("out")
@ledger_option
@common_options
def status(out: str, ledger: str | None, common: Common) -> int:
    """Say how far a batch has come, also while it runs."""
    from voiceprep.pipeline.platform import account_of
    from voiceprep.pipeline.results import Tally, outcome_of, shown, why

    account = account_of(settings_of(common))
    tally, rows = Tally(), []
    with _opened(out, ledger, to_look=True) as (opened, place):
        alive = opened.living()
        for each in opened.recordings(place, account):
            outcome = outcome_of(each)
            tally.add(each, outcome)
            if outcome in _OF_INTEREST:
                told = {"path": shown(each.place), "outcome": outcome}
                rows.append({**told, "message": why(each)})
    counts, language = dict(tally.counts), common.language
    if common.as_json:
        schema, running = "voiceprep.batch.status/1", bool(alive)
        click.echo(document(schema, rows, counts=counts, running=running))
        return Exit.DONE
    for row in rows:
        click.echo(visible(_told(row, language)))
    said, more = totals(counts, language), _at_work(alive, language)
    click.echo(word(language, "more", said=said, more=more))
    return Exit.DONE


def _at_work(alive: Sequence[Run], language: str) -> str:
    """Say which runs are at work."""
    if not alive:
        return word(language, "status.idle")
    who = (
        word(
            language,
            "status.run",
            pid=each.pid,
            host=each.host,
            since=time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each.started_at)),
        )
        for each in alive
    )
    return word(language, "status.running", who=", ".join(who))


def _told(row: dict[str, str], language: str) -> str:
    """Say of one recording what became of it, and why."""
    outcome = word(language, f"outcome.{row['outcome']}")
    said = word(language, "about", what=outcome, said=said_in(language, row["message"]))
    return word(language, "about", what=row["path"], said=said)


@click.command(cls=ExampleCommand, examples=RETRY)
@click.argument("out")
@click.argument("globs", metavar="[PATH|GLOB]...", nargs=-1)
@ledger_option
@common_options
def retry(out: str, globs: tuple[str, ...], ledger: str | None, common: Common) -> int:
    """Plan recordings anew: the next run does them again.

    What is on the platform already is found there, and not sent twice.
    """
    from voiceprep.pipeline import bookkeeping
    from voiceprep.pipeline.platform import account_of

    account = account_of(settings_of(common))
    with _opened(out, ledger) as (opened, place), opened.run(wait=False):
        again, idle = bookkeeping.chosen_again(opened, place, account, globs)
        if not common.dry_run:
            bookkeeping.retry(opened, account, again)
    _show(common, "voiceprep.batch.retry/1", again, idle)
    done = "would be planned anew" if common.dry_run else "planned anew"
    said = counted(common.language, len(again), done)
    step = word(common.language, "batch.again")
    say(common, word(common.language, "next", said=said, step=step))
    return Exit.REFUSED if idle else Exit.DONE


@click.command(cls=ExampleCommand, examples=FORGET)
@click.argument("out")
@click.argument("globs", metavar="PATH|GLOB...", nargs=-1, required=True)
@ledger_option
@common_options
def forget(out: str, globs: tuple[str, ...], ledger: str | None, common: Common) -> int:
    """Forget recordings: they leave the results; files and uploads stay."""
    from voiceprep.pipeline import bookkeeping
    from voiceprep.pipeline.platform import account_of

    account = account_of(settings_of(common))
    with _opened(out, ledger) as (opened, place), opened.run(wait=False):
        found, idle = bookkeeping.chosen(opened, place, account, globs)
        if not common.dry_run:
            bookkeeping.forget(opened, place, account, found)
    _show(common, "voiceprep.batch.forget/1", found, idle)
    done = "would be forgotten" if common.dry_run else "forgotten"
    say(common, counted(common.language, len(found), done))
    return Exit.REFUSED if idle else Exit.DONE


def _show(
    common: Common, schema: str, recordings: list[Recording], idle: list[str]
) -> None:
    """Print paths, a line each or as the document; say which globs fit none."""
    from voiceprep.pipeline.results import shown

    paths = [shown(each.place) for each in recordings]
    if common.as_json:
        click.echo(document(schema, [{"path": path} for path in paths]))
    else:
        for path in paths:
            click.echo(visible(path))
    for glob in idle:
        said = word(common.language, "batch.no_such")
        say(common, visible(word(common.language, "about", what=glob, said=said)))


@click.command(cls=ExampleCommand, examples=RECONCILE)
@click.argument("out")
@click.option(
    "--resend", is_flag=True, help="Forget what is gone: the next run sends it again."
)
@ledger_option
@common_options
def reconcile(out: str, resend: bool, ledger: str | None, common: Common) -> int:
    """Compare the ledger with the platform, both ways; adopt what has arrived.

    Nothing is sent or deleted. Exit code 7 where an outcome stays unclear, 3 where
    the platform lacks what the ledger has, or has the same bytes twice.
    """
    from voiceprep.pipeline import bookkeeping
    from voiceprep.pipeline.platform import connect

    settings, told = settings_of(common), partial(say, common)
    with (
        connect(settings, say=told) as client,
        _opened(out, ledger) as (opened, _),
        opened.run(wait=False),
    ):
        platform = client.platform
        found = bookkeeping.reconcile(opened, client, say=told)
        for tag in found.gone if resend and not common.dry_run else ():
            opened.drop(client.account, tag)
    rows = _compared(found)
    if common.as_json:
        schema, agreed = "voiceprep.batch.reconcile/1", found.agreed
        click.echo(document(schema, rows, platform=platform, agreed=agreed))
    else:
        for row in rows:
            click.echo(f"{row['is']}\t{row['tag']}\t{row.get('id', '')}")
    say_last(common, _last(found, len(rows), common.language), platform)
    if found.unclear:
        return Exit.UNKNOWN
    return Exit.PARTLY if found.gone or found.doubled else Exit.DONE


def _compared(found: Comparison) -> list[dict[str, Any]]:
    """List the differences."""
    rows: list[dict[str, Any]] = []
    for kind in ("adopted", "unclear", "gone"):
        rows += [{"is": kind, "tag": tag} for tag in getattr(found, kind)]
    for kind in ("foreign", "doubled"):
        rows += [
            {"is": kind, "tag": ",".join(each.tags), "id": each.id, "name": each.name}
            for each in getattr(found, kind)
        ]
    return rows


def _last(found: Comparison, differing: int, language: str) -> str:
    """Say what was found and what to do next."""
    worst = next((each for each in _WORST if getattr(found, each)), "same")
    return word(
        language,
        "reconciled",
        agree=counted(language, found.agreed, "agree"),
        differ=counted(language, differing, "differ"),
        then=word(language, f"reconciled.{worst}"),
    )


COMMANDS: Final = (status, retry, forget, reconcile)
