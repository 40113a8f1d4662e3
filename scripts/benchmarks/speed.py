"""CPU, wall time and memory of `voiceprep prepare` beside ffmpeg and sox."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from shlex import quote

from benchmarks.inputs import (
    STEREO_MP3,
    STEREO_WAV,
    Kind,
    clear,
    mixed_folder,
    recording,
)
from benchmarks.measure import Command, Cost, in_turn
from benchmarks.options import Options
from benchmarks.report import Report, Target

OURS = "voiceprep"
MINUTE_S = 60
REFUSED = 1
WORKERS = "2"

CHECK_OVER_BEFORE = 1.3  # issue 4, Done-when 8

HEADING = (
    *("work", "tool", "CPU s", "wall s", "peak MB"),
    *("ours/its CPU", "wall", "peak"),
)

TO_ALAW = ["-ac", "1", "-ar", "8000", "-c:a", "pcm_alaw"]
TO_ALAW_SOX = ["-e", "a-law", "-b", "8", "-c", "1", "-r", "8000"]
FFMPEG = ["ffmpeg", "-v", "error", "-y"]
SOXR = ["-af", "aresample=resampler=soxr:precision=28"]
NO_SOXR = "This ffmpeg was built without libsoxr: the equal in quality is left out."


@dataclass(frozen=True, slots=True)
class Work:
    """One recording to prepare, `runs` times with each tool."""

    name: str
    seconds: float
    kind: Kind
    runs: int
    exits: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class Promise:
    """A target of issue 2, Done-when 6: our `cost` over a peer's, or alone."""

    work: str
    cost: str
    limit: float
    aim: float | None = None
    peer: str | None = "ffmpeg"


SHORT = (
    Work("15 s mp3", 15, STEREO_MP3, 5),
    Work("15 s wav", 15, STEREO_WAV, 5),
    Work("10 min mp3", 10 * MINUTE_S, STEREO_MP3, 3),
    Work("10 min wav", 10 * MINUTE_S, STEREO_WAV, 3),
)
USUAL = (
    Work("41 min mp3", 41 * MINUTE_S, STEREO_MP3, 3),
    Work("41 min wav", 41 * MINUTE_S, STEREO_WAV, 3),
)
# Under two hours with the encoder's padding: our cap. No artefact of that length fits
# into 20,000,000 bytes, so being refused is right; the memory on the way counts.
LONG = (
    Work("2 h mp3", 120 * MINUTE_S - 1, STEREO_MP3, 1, frozenset({0, REFUSED})),
)  # fmt: skip

PROMISES = (
    Promise("10 min wav", "cpu_s", 1.3, 1.0),
    Promise("10 min mp3", "cpu_s", 1.5, 1.2),
    Promise("15 s mp3", "cpu_s", 2.4, 1.7),
    Promise("41 min mp3", "peak_mb", 60, 40, peer=None),
    Promise("2 h mp3", "peak_mb", 60, 40, peer=None),
)
TIMES_FASTER = {"ffmpeg": 3.0, "sox": 1.8}


def files(options: Options) -> Report:
    """Measure single recordings.

    Parameters
    ----------
    options : Options
        `quick` stops at ten minutes, `long` goes on to two hours.

    Returns
    -------
    Report
        A row for each recording and tool.
    """
    works = [*SHORT]
    works += () if options.quick else USUAL
    works += LONG if options.long else ()

    costs = {work.name: costs_of_file(work, options) for work in works}
    rows = [row for name, of_work in costs.items() for row in rows_of(name, of_work)]
    targets = [
        target_of(promise, costs[promise.work])
        for promise in PROMISES
        if promise.work in costs
    ]
    return Report(HEADING, tuple(rows), tuple(targets), notes())


def costs_of_file(work: Work, options: Options) -> dict[str, Cost]:
    """Run every tool over one recording, in turn."""
    tell(f"{work.name} …")
    stem = work.name.replace(" ", "-")
    source = recording(options.work, stem, work.seconds, work.kind)
    out = options.work / "out"
    return in_turn(
        file_commands(source, out, options),
        options.rounds(work.runs),
        before=partial(clear, out),
        exits=work.exits,
    )


def file_commands(source: Path, out: Path, options: Options) -> dict[str, Command]:
    """Give each tool's command for one recording.

    Parameters
    ----------
    source : Path
        The recording.
    out : Path
        The folder to write to.
    options : Options
        Holds our command.

    Returns
    -------
    dict of str to command
        By the tool's name, ours first.
    """
    target = str(out / "out.wav")
    ffmpeg = [*FFMPEG, "-i", str(source)]
    # Over 20,000,000 bytes a recording is refused without --fix size.
    ours = [*options.voiceprep, "prepare", str(source), "-o", str(out)]

    commands: dict[str, Command] = {OURS: [*ours, "--fix", "size"]}
    commands["ffmpeg"] = [*ffmpeg, *TO_ALAW, target]
    if ffmpeg_has_soxr():
        commands["ffmpeg+soxr"] = [*ffmpeg, *SOXR, *TO_ALAW, target]
    commands["sox"] = ["sox", str(source), *TO_ALAW_SOX, target]
    return commands


def folder(options: Options) -> Report:
    """Measure a folder of mixed recordings, two at a time.

    Parameters
    ----------
    options : Options
        `quick` takes 40 recordings instead of 200.

    Returns
    -------
    Report
        A row for each tool.
    """
    count = 40 if options.quick else 200
    name = f"{count} files"
    tell(f"{name} …")

    source = mixed_folder(options.work, count)
    out = options.work / "out"
    commands = folder_commands(source, out, options)
    costs = in_turn(commands, options.rounds(3), before=partial(clear, out))

    targets = [
        Target(
            f"{name}, wall time of {peer} over ours",
            costs[peer].wall_s / costs[OURS].wall_s,
            limit,
            at_least=True,
            unit=" x",
        )
        for peer, limit in TIMES_FASTER.items()
    ]
    return Report(HEADING, tuple(rows_of(name, costs)), tuple(targets), notes())


def folder_commands(source: Path, out: Path, options: Options) -> dict[str, Command]:
    """Give each tool's command for a folder.

    Parameters
    ----------
    source : Path
        The folder of recordings.
    out : Path
        The folder to write to.
    options : Options
        Holds our command.

    Returns
    -------
    dict of str to command
        By the tool's name, ours first.
    """
    ours = [*options.voiceprep, "prepare", str(source), "-o", str(out)]
    each, wav = f"{source}/{{}}", f"{out}/{{}}.wav"
    ffmpeg = [*FFMPEG, "-i", each]

    commands: dict[str, Command] = {OURS: [*ours, "-j", WORKERS]}
    commands["ffmpeg"] = over_all(source, [*ffmpeg, *TO_ALAW, wav])
    if ffmpeg_has_soxr():
        commands["ffmpeg+soxr"] = over_all(source, [*ffmpeg, *SOXR, *TO_ALAW, wav])
    commands["sox"] = over_all(source, ["sox", each, *TO_ALAW_SOX, wav])
    floor = Path(__file__).with_name("floor.py")
    commands["libraries"] = [sys.executable, str(floor), str(source), str(out)]
    return commands


def check(options: Options) -> Report:
    """Measure what judging costs: a folder checked, and prepared in each way.

    Parameters
    ----------
    options : Options
        `before` names an older command, whose `prepare` is compared with.

    Returns
    -------
    Report
        A row for each way.
    """
    count = 40 if options.quick else 200
    name = f"{count} files"
    tell(f"{name}, checked …")
    source = mixed_folder(options.work, count)
    out = options.work / "out"
    ours, into = list(options.voiceprep), [str(source), "-o", str(out), "-j", WORKERS]
    commands: dict[str, Command] = {
        OURS: [*ours, "check", str(source), "-j", WORKERS],
        "prepare": [*ours, "prepare", *into],
        "without mastering": [*ours, "prepare", "--master", "off", *into],
        "clarity": [*ours, "prepare", "--master", "clarity", *into],
    }
    if options.before:
        commands["before"] = [*options.before, "prepare", *into]
    costs = in_turn(commands, options.rounds(3), before=partial(clear, out))
    targets: tuple[Target, ...] = ()
    if options.before:
        ratio = costs[OURS].cpu_s / costs["before"].cpu_s
        promise = f"{name}, CPU of check over that of prepare before"
        targets = (Target(promise, ratio, CHECK_OVER_BEFORE, unit=" x"),)
    return Report(HEADING, tuple(rows_of(name, costs)), targets)


def over_all(source: Path, command: Command) -> Command:
    """Run a command for each file of a folder, `{}` standing for the file's name.

    Parameters
    ----------
    source : Path
        The folder.
    command : sequence of str
        A process a file, `WORKERS` at a time, without a shell in between.

    Returns
    -------
    sequence of str
        A pipeline of find and xargs.
    """
    find = f"find {quote(str(source))} -type f -printf '%f\\0'"
    each = " ".join(quote(word) for word in command)
    return ["sh", "-c", f"{find} | xargs -0 -P{WORKERS} -I{{}} {each}"]


@cache
def ffmpeg_has_soxr() -> bool:
    """Ask this ffmpeg for the soxr resampler."""
    silence = ["-f", "lavfi", "-i", "anullsrc=r=44100:d=0.1"]
    command = ["ffmpeg", "-v", "quiet", *silence, *SOXR, "-ar", "8000"]
    return subprocess.run([*command, "-f", "null", "-"], check=False).returncode == 0


def notes() -> tuple[str, ...]:
    """Say what the table leaves out."""
    return () if ffmpeg_has_soxr() else (NO_SOXR,)


def rows_of(name: str, costs: Mapping[str, Cost]) -> Iterator[tuple[str, ...]]:
    """Set the costs of one work beside ours.

    Parameters
    ----------
    name : str
        Of the work.
    costs : mapping of str to Cost
        By tool.

    Yields
    ------
    tuple of str
        Cells as `HEADING` names them; ours has no ratio.
    """
    ours = costs[OURS]
    for tool, cost in costs.items():
        label = f"{tool} (refused)" if cost.exit_code == REFUSED else tool
        yield (
            *(name, label),
            *(f"{cost.cpu_s:.3f}", f"{cost.wall_s:.3f}", f"{cost.peak_mb:.1f}"),
            *(ratios(ours, cost) if tool != OURS else ("", "", "")),
        )


def ratios(ours: Cost, its: Cost) -> Iterable[str]:
    """Give our CPU, wall time and peak over a peer's."""
    yield f"{ours.cpu_s / its.cpu_s:.2f}"
    yield f"{ours.wall_s / its.wall_s:.2f}"
    yield f"{ours.peak_mb / its.peak_mb:.2f}"


def target_of(promise: Promise, costs: Mapping[str, Cost]) -> Target:
    """Hold a promise against the costs of its work.

    Parameters
    ----------
    promise : Promise
        What issue 2 asks.
    costs : mapping of str to Cost
        By tool.

    Returns
    -------
    Target
        With the number measured.
    """
    measured: float = getattr(costs[OURS], promise.cost)
    if promise.peer is None:
        name = f"{promise.work}, our peak"
        return Target(name, measured, promise.limit, promise.aim, unit=" MB")

    measured /= getattr(costs[promise.peer], promise.cost)
    name = f"{promise.work}, our CPU over {promise.peer}'s"
    return Target(name, measured, promise.limit, promise.aim, unit=" x")


def tell(progress: str) -> None:
    """Say on stderr what is being measured."""
    print(progress, file=sys.stderr)
