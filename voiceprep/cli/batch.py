"""``voiceprep batch``: a folder of any size, resumable, nothing uploaded twice."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.bell import Bell
from voiceprep.cli.batch_ledger import COMMANDS, ledger_option
from voiceprep.cli.batch_told import tell
from voiceprep.cli.common import (
    Asked,
    Common,
    ExampleCommand,
    ExampleGroup,
    common_options,
    treatment_options,
)
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say
from voiceprep.cli.progress import shown_as
from voiceprep.cli.sentences import visible
from voiceprep.cli.words import counted, word

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from voiceprep.batch.events import Event, Sink
    from voiceprep.client import Client, Settings
    from voiceprep.pipeline.folder import Order

EXAMPLES: Final = """\
voiceprep batch recordings/ -o out                    run it again to go on
voiceprep batch recordings/ -o out --report           out/report.html, to decide on
voiceprep batch recordings/ -o out --upload --approved approvals.json
find . -name '*.mp3' -print0 | voiceprep batch - -o out
voiceprep batch s3://bucket/in -o s3://bucket/out --include '*.mp3'
voiceprep batch old/*.wav new/ -o out                 several files and folders
voiceprep batch status out
"""
STDIN: Final = "-"
_RUN: Final = "run"  # the hidden command that a folder's name stands for


class _Batch(ExampleGroup):
    """Run a batch where no command of the group is named; its help is the group's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the hidden command before a folder or an option of a run."""
        if not args or args[0] not in {*self.commands, "-h", "--help"}:
            args = [_RUN, *args]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show what a run is given."""
        del ctx
        return ["FOLDER|FILE|URL...|-", "-o OUT", "[OPTIONS]"]

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the options of a run, then the commands."""
        self.commands[_RUN].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group(cls=_Batch, examples=EXAMPLES)
def command() -> None:
    """Prepare a folder of recordings, upload them, and go on where it stopped.

    The ledger in OUT knows what is done: unchanged recordings are skipped, and
    nothing is uploaded twice, whatever ended the run before. Results are in
    OUT/results.csv and OUT/results.json. A folder that is named like one of the
    commands below is given as ./NAME.
    """


def _run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a run."""
    options = (
        click.option(
            "-o", "--out", metavar="OUT", required=True, help="Folder or URL."
        ),
        click.option("--upload", is_flag=True, help="Upload what is fit."),
        click.option("--strict", is_flag=True, help="Hold back what has warnings."),
        click.option(
            "--approved",
            multiple=True,
            metavar="FILE",
            help="Upload only what was approved on the report; its export.",
        ),
        click.option(
            "--report", is_flag=True, help="Write OUT/report.html: listen and decide."
        ),
        click.option(
            "--engine",
            type=click.Choice(["inline", "thread", "process", "dask"]),
            default="process",
            show_default=True,
            help="Where recordings are prepared.",
        ),
        click.option("--dask-address", metavar="tcp://HOST:PORT", help="Scheduler."),
        click.option("--include", multiple=True, metavar="GLOB", help="Only these."),
        click.option("--exclude", multiple=True, metavar="GLOB", help="Not these."),
        click.option(
            "--watch",
            type=click.FloatRange(0.1),
            metavar="SECONDS",
            help="Go on as files arrive and settle; Ctrl-C ends.",
        ),
        click.option(
            "--rate", metavar="N", help="Calls a second to the platform at most."
        ),
        ledger_option,
        click.option(
            "--no-wait", is_flag=True, help="Don't wait for another run on the ledger."
        ),
        click.option("--events", metavar="FILE|-", help="NDJSON, a line an event."),
        click.option("--junit", metavar="FILE", help="Results as JUnit XML."),
    )
    for option in reversed(options):
        function = option(function)
    return function


class _RunContext(click.Context):
    """Name the hidden command as it is called: by its group alone."""

    @property
    def command_path(self) -> str:
        """Return the group's."""
        return "" if self.parent is None else self.parent.command_path


class _Run(ExampleCommand):
    context_class = _RunContext


@command.command(_RUN, cls=_Run, examples=EXAMPLES, hidden=True)
@click.argument("sources", metavar="FOLDER|FILE|URL...|-", nargs=-1, required=True)
@_run_options
@treatment_options
@common_options
def run(sources: tuple[str, ...], asked: Asked, common: Common, **wanted: Any) -> int:
    """Run a batch."""
    from voiceprep.pipeline.folder import batch

    order, settings = _order_of(sources, asked, common, wanted)
    if common.dry_run:
        return _plan(order, common)
    with ExitStack() as stack:
        stop = stack.enter_context(_stopping(common))
        sinks = [stack.enter_context(shown_as(common))]
        if wanted["events"]:
            sinks.append(stack.enter_context(_lines(wanted["events"])))
        client = None
        if wanted["upload"]:
            client = stack.enter_context(_connected(settings, common))
        summary = batch(order, client=client, sink=partial(_to_all, sinks), stop=stop)
    if common.as_json:
        _print_results(order)
    return tell(order, summary, common)


def _order_of(
    given: tuple[str, ...], asked: Asked, common: Common, wanted: dict[str, Any]
) -> tuple[Order, Settings]:
    """Read the command line and the settings."""
    from voiceprep.client import Settings
    from voiceprep.pipeline.folder import Order
    from voiceprep.pipeline.listing import Filter, read_list
    from voiceprep.pipeline.platform import account_of

    _check_options(common, wanted)
    _check_sources(given)
    settings = Settings.load({"profile": common.profile, "rate": wanted["rate"]})
    is_list = given == (STDIN,)
    sources = read_list(sys.stdin.buffer.read()) if is_list else given
    order = Order(
        sources=tuple(sources),
        out=wanted["out"],
        entered_as=STDIN if is_list else None,
        treatment=asked.treatment(settings),
        chosen=Filter(wanted["include"], wanted["exclude"]),
        engine=wanted["engine"],
        jobs=common.workers,
        dask_address=wanted["dask_address"],
        ledger=wanted["ledger"],
        wait=not wanted["no_wait"],
        strict=wanted["strict"],
        **_decided(wanted, common),
        account="" if wanted["upload"] else account_of(settings),
        lookup_gap_s=settings.lookup_gap_s,
        upload_limit_s=settings.upload_limit_s,
        junit=Path(wanted["junit"]) if wanted["junit"] else None,
        watch_s=wanted["watch"],
    )
    return order, settings


def _check_options(common: Common, wanted: dict[str, Any]) -> None:
    """Refuse options that contradict each other."""
    if wanted["events"] == STDIN and common.as_json:
        raise click.UsageError("--events - and --json both write to stdout; choose one")
    if not wanted["out"]:
        raise click.UsageError("-o names no folder; -o . is this one")
    if wanted["approved"] and not wanted["upload"]:
        raise click.UsageError("--approved says what --upload may send; add --upload")
    if wanted["junit"] and Path(wanted["junit"]).is_dir():
        raise click.UsageError("--junit names a folder; name a file in it")


def _check_sources(given: tuple[str, ...]) -> None:
    """Refuse a source that is not there: a slip, or a disk that is not mounted."""
    from voiceprep.pipeline.places import is_url

    if STDIN in given and len(given) > 1:
        raise click.UsageError("- is a list on standard input; it stands alone")
    for source in given:
        there = is_url(source) or source == STDIN or os.path.lexists(source)
        if not there:
            raise click.UsageError(f"{visible(source)!r}: no such file or folder")


def _decided(wanted: dict[str, Any], common: Common) -> dict[str, Any]:
    """Return what an order says of the report, and of what was decided on it."""
    decided: dict[str, Any] = {}
    if wanted["report"]:
        from voiceprep.report import Language

        decided["report"] = Language(common.language)
    if wanted["approved"]:
        from voiceprep.pipeline.batch_report import approved_by

        approved = approved_by(wanted["approved"])
        decided |= {"approves": approved, "rejection": approved.rejection}
    return decided


def _plan(order: Order, common: Common) -> int:
    """Say what would be done; write nothing."""
    from voiceprep.pipeline.bookkeeping import planned

    rows = list(planned(order))
    if common.as_json:
        told = [{"path": path, "plan": plan} for path, plan in rows]
        click.echo(document("voiceprep.batch/1", told))
    else:
        for path, plan in rows:
            click.echo(f"{visible(path)}\t{plan}")
    unchanged = sum(plan == "unchanged" for _, plan in rows)
    to_do = len(rows) - unchanged
    counts = ((to_do, "would be prepared"), (unchanged, "unchanged"))
    say(common, ", ".join(counted(common.language, *each) for each in counts))
    return Exit.DONE


@contextmanager
def _stopping(common: Common) -> Iterator[threading.Event]:
    """End after what is under way at the first Ctrl-C, at once at the second."""
    stop, ending = Bell(), word(common.language, "batch.ending")

    def note(number: int, frame: Any) -> None:
        if stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()
        # Not through the stream: it may be in the middle of a line.
        with suppress(OSError):
            os.write(sys.stderr.fileno(), f"{ending}\n".encode(errors="replace"))

    before = {each: signal.signal(each, note) for each in _SIGNALS}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def _lines(where: str) -> Iterator[Sink]:
    """Write events to a file, or to stdout."""
    from voiceprep.batch.events import Lines

    if where == STDIN:
        with _naming("stdout"):
            yield Lines(sys.stdout)
        return
    with _naming(where), Path(where).open("a", encoding="utf-8") as file:
        yield Lines(file)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say of what the system refused where that was."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, name) from error


def _to_all(sinks: Sequence[Sink], event: Event) -> None:
    for sink in sinks:
        sink(event)


@contextmanager
def _connected(settings: Settings, common: Common) -> Iterator[Client]:
    """Connect to the platform, or to the sandbox without an account."""
    from voiceprep.pipeline.platform import connect

    with connect(settings, say=partial(say, common)) as client:
        yield client


def _print_results(order: Order) -> None:
    """Print results.json: it is the document of this command."""
    import shutil
    import tempfile

    from voiceprep.pipeline.places import opened, place_of

    place = f"{place_of(order.out).rstrip('/')}/results.json"
    with (
        tempfile.TemporaryDirectory(prefix="voiceprep-") as folder,
        opened(place, Path(folder)) as (file, _),
        _naming("stdout"),
    ):
        sys.stdout.flush()
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


for each in COMMANDS:
    command.add_command(each)
