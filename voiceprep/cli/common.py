"""What every command shares: its options, its help, its way of working."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from voiceprep.audio.unfinished import drop_all
from voiceprep.cli.language import language_of_words
from voiceprep.errors import AuthError, VoiceprepError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voiceprep.client import Settings
    from voiceprep.pipeline.treatment import Treatment

__all__ = [
    "Asked",
    "Common",
    "ExampleCommand",
    "ExampleGroup",
    "Failure",
    "common_options",
    "over",
    "settings_of",
    "treatment_options",
]

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")


@dataclass(frozen=True, slots=True)
class Common:
    """Hold the options that stand on every command."""

    as_json: bool
    verbose: int
    quiet: bool
    color: bool
    profile: str | None
    jobs: int | None
    dry_run: bool
    lang: str | None = None

    @property
    def language(self) -> str:
        """Return the language of words for people: ``en`` or ``fr``."""
        return language_of_words(self.lang, self.profile)

    @property
    def workers(self) -> int:
        """Return how many recordings to work on at a time."""
        return self.jobs or settings_of(self).jobs or _cores()


def _cores() -> int:
    """Count the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not a system that has it
        return os.cpu_count() or 1


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options to a command; it is given them as `common`."""
    options = (
        click.option("--json", "as_json", is_flag=True, help="One JSON document."),
        click.option("-v", "--verbose", count=True, help="Say more; -vv still more."),
        click.option("-q", "--quiet", is_flag=True, help="Only data and errors."),
        click.option("--no-color", is_flag=True, help="No colour (also NO_COLOR)."),
        click.option("--profile", metavar="NAME", help="Settings of this name."),
        click.option(
            "--lang",
            type=click.Choice(["en", "fr"], case_sensitive=False),
            help="Language of words for people (default: the locale's).",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1, 64),
            help="Recordings at a time (default: the cores).",
        ),
        click.option("-n", "--dry-run", is_flag=True, help="Say what would be done."),
    )

    @wraps(function)
    def with_common(**arguments: Any) -> Any:
        common = Common(
            as_json=arguments.pop("as_json"),
            verbose=arguments.pop("verbose"),
            quiet=arguments.pop("quiet"),
            color=_color(no_color=arguments.pop("no_color")),
            profile=arguments.pop("profile"),
            jobs=arguments.pop("jobs"),
            dry_run=arguments.pop("dry_run"),
            lang=arguments.pop("lang"),
        )
        return function(common=common, **arguments)

    for option in reversed(options):
        option(with_common)
    return with_common


def _color(*, no_color: bool) -> bool:
    """Say whether to colour: on a terminal, unless anything speaks against it."""
    against = no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not against and sys.stdout.isatty()


def treatment_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what is to be made of recordings; a command is given it as `asked`."""
    options = (
        click.option(
            "--fix",
            "fixes",
            multiple=True,
            metavar="WORDS",
            help="Mend: size, duration, silence, dc, phase, level, format, or all.",
        ),
        click.option(
            "--accept",
            multiple=True,
            metavar="CODES",
            help="Overrule findings on the sound: noisy, clipping …",
        ),
        click.option(
            "--master",
            metavar="MODE",
            help="The level: auto, off, level; or clarity (default: auto).",
        ),
        click.option(
            "--standard",
            metavar="NAME",
            help="Judge by: digitaleo, itu, prompts, or a .toml file.",
        ),
    )

    @wraps(function)
    def with_treatment(**arguments: Any) -> Any:
        asked = Asked(
            fixes=arguments.pop("fixes"),
            accept=arguments.pop("accept"),
            master=arguments.pop("master"),
            standard=arguments.pop("standard"),
        )
        return function(asked=asked, **arguments)

    for option in reversed(options):
        option(with_treatment)
    return with_treatment


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold the options that say what is to be made of recordings."""

    fixes: tuple[str, ...]
    accept: tuple[str, ...]
    master: str | None
    standard: str | None

    def treatment(self, settings: Settings) -> Treatment:
        """Check them; what was not said is as the settings say.

        Raises
        ------
        SettingsError
            Where a word is unknown.
        """
        from voiceprep.pipeline.treatment import treatment_of

        return treatment_of(
            self.fixes,
            self.accept,
            self.master or settings.master,
            self.standard or settings.standard,
        )


class ExampleCommand(click.Command):
    """Open the help with examples."""

    def __init__(self, *arguments: Any, examples: str = "", **named: Any) -> None:
        named.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*arguments, **named)
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then what click writes."""
        if self.examples:
            lines = "".join(f"  {line}\n" for line in self.examples.splitlines())
            formatter.write("Examples:\n" + lines + "\n")
        super().format_help(ctx, formatter)


class ExampleGroup(ExampleCommand, click.Group):
    """Open the help of a group with examples."""


def settings_of(common: Common) -> Settings:
    """Load the settings: a contradiction is a usage error, at every command."""
    from voiceprep.client import Settings

    return Settings.load({"profile": common.profile})


@dataclass(frozen=True, slots=True)
class Failure:
    """Hold what one recording failed of, while others go on."""

    path: str
    error: Exception


def over(
    items: Sequence[ItemT],
    work: Callable[[ItemT], DoneT],
    path_of: Callable[[ItemT], str],
    jobs: int,
) -> Iterator[tuple[ItemT, DoneT | Failure]]:
    """Work on items, several at a time; yield outcomes in the items' order.

    An error of ours or of the disk costs its own item only. Refused credentials end
    the work: they would be refused for every other item too.
    """

    def one(item: ItemT) -> DoneT | Failure:
        try:
            return work(item)
        except (VoiceprepError, OSError) as error:
            return Failure(path_of(item), error)

    if jobs == 1 or len(items) < 2:
        yield from _until_refused(items, map(one, items))
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(min(jobs, len(items)))
    # Largest queues are short: an item is a path, its outcome a small record.
    futures = [pool.submit(one, item) for item in items]
    waits = False
    try:
        yield from _until_refused(items, (future.result() for future in futures))
        waits = True
    finally:
        if not waits:  # Ctrl-C, or nobody reads on: a thread can't be ended
            drop_all()
        pool.shutdown(wait=waits, cancel_futures=True)


def _until_refused(
    items: Iterable[ItemT], outcomes: Iterable[DoneT | Failure]
) -> Iterator[tuple[ItemT, DoneT | Failure]]:
    for item, outcome in zip(items, outcomes, strict=False):
        yield item, outcome
        if isinstance(outcome, Failure) and isinstance(outcome.error, AuthError):
            return
