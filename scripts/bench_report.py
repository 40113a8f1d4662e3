#!/usr/bin/env python3
"""Measure a page of many recordings: what it weighs, and how soon it opens.

    python scripts/bench_report.py [--count 200] [--runs 3] [--embed] [--work DIR]

Recordings are copies of samples/, prepared once and kept in the folder of --work. The
page is opened from file:// in the Chromium that is installed; timing ends when its
first screen is painted and its script has run. Exit code 0; with --strict, 1 where a
target of issue 4 (3 s, 60 kB a recording) does not hold.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from voiceprep.pipeline.drawing import draw
from voiceprep.pipeline.exhibits import Exhibit, results_in
from voiceprep.pipeline.pages import write_pages
from voiceprep.pipeline.recording import prepare
from voiceprep.report import About, Language

SAMPLES = Path(__file__).parents[1] / "samples"
MOST_S = 3.0
MOST_BYTES = 60_000  # a recording, beside the audio
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-sync"),
    "--disable-component-update",
]
EMBEDDED = re.compile(rb'src="data:audio/[^"]+"')
# Milliseconds from the start of the navigation until a frame has been painted after
# the script's last line.
PAINTED = """() => new Promise(resolve => requestAnimationFrame(
    () => setTimeout(() => resolve(performance.now()), 0)))"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the page, open it several times, print what was measured.

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
    browser = shutil.which("chromium")
    if browser is None:
        sys.exit("chromium not found: apt-get install chromium")
    folder = prepared(asked.work, asked.count)
    page, made_s = made_page(folder, embed=asked.embed)
    audio_bytes = sum(map(len, EMBEDDED.findall(page.read_bytes())))
    weight = (page.stat().st_size - audio_bytes) / asked.count
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        seconds = [opened_s(chromium, page) for _ in range(asked.runs)]
        chromium.close()
    print(f"{asked.count} recordings, {os.cpu_count()} CPUs")
    print(f"made in {made_s:.1f} s (drawing, one thread)")
    print(f"weighs {weight / 1_000:.1f} kB a recording beside the audio", end="")
    print(f", which is {audio_bytes / 1e6:.1f} MB" if audio_bytes else "")
    print(f"opens in {median(seconds):.2f} s (median of {asked.runs}; {seconds})")
    holds = median(seconds) < MOST_S and weight <= MOST_BYTES
    print(f"targets ({MOST_S:.0f} s, {MOST_BYTES // 1_000} kB): {holds}")
    return int(asked.strict and not holds)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(description="Measure a page of many recordings.")
    made.add_argument("--count", type=int, default=200, metavar="N")
    made.add_argument("--runs", type=int, default=3, metavar="N")
    place = Path(tempfile.gettempdir()) / "voiceprep-bench-report"
    made.add_argument("--work", type=Path, default=place, metavar="DIR")
    made.add_argument("--embed", action="store_true", help="put the audio into it")
    made.add_argument("--strict", action="store_true", help="exit 1 on a missed target")
    return made


def prepared(work: Path, count: int) -> Path:
    """Prepare copies of the samples, as many as are asked for, unless they are there.

    Returns
    -------
    Path
        The folder of their artefacts, beside that of the copies.
    """
    out, copies = work / f"{count}" / "out", work / f"{count}" / "recordings"
    if len(results_in(out)) == count:
        return out
    shutil.rmtree(out.parent, ignore_errors=True)
    copies.mkdir(parents=True)
    sources = [path for path in sorted(SAMPLES.iterdir()) if path.suffix != ".md"]
    made = 0
    for number, source in enumerate(cycle(sources)):
        copy = copies / f"{number:03d}-{source.name}"
        shutil.copy(source, copy)
        made += prepare(copy, out, fixes=["all"]).verdict.is_fit
        if made == count:
            return out
    raise AssertionError("not reached")


def made_page(folder: Path, *, embed: bool) -> tuple[Path, float]:
    """Draw and write the page; return it and the seconds that took."""
    start = time.perf_counter()
    drawn = [draw(Exhibit.read(path)) for path in results_in(folder)]
    about = About(folder.name, datetime.now(UTC), "bench", Language.EN)
    (path,) = write_pages(drawn, folder / "report.html", about, embed=embed)
    return path, time.perf_counter() - start


def opened_s(browser: Browser, path: Path) -> float:
    """Open a page in a context of its own; return the seconds until it stands."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(path.as_uri())
    ready: float = page.evaluate(PAINTED)
    context.close()
    return round(ready / 1_000, 2)


if __name__ == "__main__":
    sys.exit(main())
