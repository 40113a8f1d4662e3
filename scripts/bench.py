#!/usr/bin/env python3
"""Measure voiceprep beside ffmpeg and sox, all in one run on one machine.

    python scripts/bench.py [--files] [--folder] [--check] [--batch] [--quality]
                            [--contacts] [--sandbox] [--quick | --long]

Ratios travel from machine to machine, seconds do not. Inputs are made once, from
espeak-ng speech, and kept in the folder of --work. Exit code 0, also when a target
does not hold; with --strict, 1.
"""

import argparse
import compileall
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import batch, contacts, quality, sandbox, speed
from benchmarks.measure import CommandFailedError
from benchmarks.options import Options, default_work
from benchmarks.report import Report, Target, printed
from make_samples import require_tools

import voiceprep


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the benchmark; `ours` says that it runs our command."""

    name: str
    about: str
    run: Callable[[Options], Report]
    ours: bool = True
    tools: tuple[str, ...] = ("espeak-ng", "ffmpeg", "lame", "sox")


SECTIONS = (
    Section("files", "one recording of 15 s, 10 min, 41 min", speed.files),
    Section("folder", "200 mixed recordings, two at a time", speed.folder),
    Section("check", "200 mixed recordings judged, and mastered", speed.check),
    Section("batch", "a folder as a batch: engines, ledger, going on", batch.batch),
    Section("quality", "the resampler, by tones", quality.quality, ours=False),
    Section("contacts", "a long list, sorted out", contacts.contacts, tools=()),
    Section("sandbox", "200 clients at once, for a minute", sandbox.sandbox, tools=()),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sections asked for, all of them by default.

    Parameters
    ----------
    arguments : sequence of str, optional
        Of the command line.

    Returns
    -------
    int
        The exit code.
    """
    asked = parser().parse_args(arguments)
    sections = [s for s in SECTIONS if getattr(asked, s.name)] or list(SECTIONS)
    options = Options(
        work=asked.work.resolve(),
        voiceprep=tuple(shlex.split(asked.voiceprep)),
        runs=asked.runs,
        quick=asked.quick,
        long=asked.long,
        before=tuple(shlex.split(asked.before)),
    )
    require_tools(*sorted({tool for section in sections for tool in section.tools}))
    if any(section.ours for section in sections):
        require_ours(options.voiceprep)

    options.work.mkdir(parents=True, exist_ok=True)
    try:
        targets = run(sections, options)
    except CommandFailedError as failure:
        sys.exit(f"bench: {failure}")
    return int(asked.strict and not all(target.holds for target in targets))


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        description="Measure voiceprep beside ffmpeg and sox, all in one run.",
        epilog="Without a section, all run.",
    )
    for section in SECTIONS:
        made.add_argument(f"--{section.name}", action="store_true", help=section.about)

    length = made.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="under a minute")
    length.add_argument("--long", action="store_true", help="2 h of MP3 as well")

    beside = Path(sys.executable).with_name("voiceprep")
    made.add_argument("--runs", type=int, metavar="N", help="default: 5 short, 3 long")
    made.add_argument("--work", type=Path, default=default_work(), metavar="DIR")
    made.add_argument("--voiceprep", default=shlex.quote(str(beside)), metavar="CMD")
    made.add_argument("--before", default="", metavar="CMD", help="an older command")
    made.add_argument("--strict", action="store_true", help="exit 1 on a missed target")
    return made


def require_ours(command: Sequence[str]) -> None:
    """Stop with one sentence when our command is not there."""
    if not command or shutil.which(command[0]) is None:
        sys.exit(f"{' '.join(command)} not found: pip install -e . or --voiceprep CMD")
    # As an installed package is; PYTHONDONTWRITEBYTECODE would leave it out.
    compileall.compile_dir(Path(voiceprep.__file__).parent, quiet=2)


def run(sections: Sequence[Section], options: Options) -> list[Target]:
    """Run sections and print each as it ends.

    Parameters
    ----------
    sections : sequence of Section
        In this order.
    options : Options
        For all of them.

    Returns
    -------
    list of Target
        Of all the sections.
    """
    print(f"{os.cpu_count()} CPUs; best of several runs, tools in turn\n")
    targets: list[Target] = []
    for section in sections:
        report = section.run(options)
        print(f"{section.name}: {section.about}", *printed(report), "", sep="\n")
        targets += report.targets
    return targets


if __name__ == "__main__":
    sys.exit(main())
