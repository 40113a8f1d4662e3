#!/usr/bin/env python3
"""Write which tests hold which item of the contract: contract_table.py [--check].

Runs every test that is marked with items of docs/platform-contract.md and writes the
table of docs/platform.md. With --check nothing is written: the exit code is 1 where an
item has no test, where one fails, and where the table is not as it would be written.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
CONTRACT: Final = ROOT / "docs" / "platform-contract.md"
DOCUMENT: Final = ROOT / "docs" / "platform.md"
BEGIN: Final = "<!-- scripts/contract_table.py writes from here -->"
END: Final = "<!-- to here -->"
ITEM: Final = re.compile(r"^([HR]\d+) (.+)$", re.MULTILINE)
ORIGIN: Final = re.compile(r"\[(?:doc|wire|ours)[^\]]*\] ?")
SHORT_CHARS: Final = 88
FIXTURE: Final = re.compile(r"tests/wire/test_wire\.py::\w+\[(.+)\]")


@dataclass(eq=False)
class Recorder:
    """Note what pytest finds and how it ends: a plugin."""

    items: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ended: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the items that each test is marked with."""
        for test in session.items:
            marks = test.iter_markers("contract")
            self.items[test.nodeid] = tuple(
                word for mark in marks for word in mark.args
            )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep how a test ended; a set-up that failed is an end too."""
        if report.when == "call" or report.outcome != "passed":
            self.ended[report.nodeid].add(report.outcome)

    def status_of(self, test: str) -> str:
        """Return how a test ended, the worst first."""
        outcomes = self.ended.get(test, set())
        return next(
            (word for word in ("failed", "skipped", "passed") if word in outcomes),
            "not run",
        )


def contract_items() -> dict[str, str]:
    """Return each number of the contract with the beginning of its text."""
    text = CONTRACT.read_text(encoding="utf-8")
    return {number: short(words) for number, words in ITEM.findall(text)}


def short(words: str) -> str:
    """Return the beginning of an item, without its origin.

    >>> short("[doc] `POST mailings`. `name` optional")
    '`POST mailings`.'
    """
    plain = ORIGIN.sub("", words).replace("|", "\\|")
    sentence = re.split(r"(?<=\.) (?=[A-Z`*])", plain)[0]
    if len(sentence) <= SHORT_CHARS:
        return sentence
    cut = sentence[:SHORT_CHARS].rsplit(" ", 1)[0]
    return cut + ("`" if cut.count("`") % 2 else "") + " …"


def named(test: str) -> tuple[str, str]:
    """Return a test's file and name, without its parameters.

    >>> named("tests/contract/test_curl.py::test_curl_puts_metadata")
    ('curl', 'test_curl_puts_metadata')
    >>> named("tests/wire/test_wire.py::test_x[no-token]")
    ('wire', 'no-token.http')
    """
    if fixture := FIXTURE.fullmatch(test):
        return "wire", f"{fixture[1]}.http"
    path, _, name = test.partition("::")
    return Path(path).stem.removeprefix("test_"), name.partition("[")[0]


def row(number: str, words: str, found: Recorder) -> str:
    """Return a number's line of the table."""
    tests = [test for test, items in found.items.items() if number in items]
    files: dict[str, dict[str, None]] = defaultdict(dict)  # in the order of the run
    for file, name in map(named, tests):
        files[file][f"`{name}`"] = None
    told = "<br>".join(f"{file}: {', '.join(names)}" for file, names in files.items())
    return f"| {number} | {words} | {told} | {status(tests, found)} |"


def status(tests: list[str], found: Recorder) -> str:
    """Return whether an item holds."""
    ends = {found.status_of(test) for test in tests}
    if not ends:
        return "**no test**"
    return "holds" if ends == {"passed"} else f"**{', '.join(sorted(ends))}**"


def table(found: Recorder) -> str:
    """Return the whole table."""
    head = "| item | what it says | held by | status |\n|---|---|---|---|\n"
    rows = (row(number, words, found) for number, words in contract_items().items())
    return head + "\n".join(rows) + "\n"


def run() -> Recorder:
    """Run the tests that are marked with items."""
    found = Recorder()
    asked = ["-q", "-m", "contract", "-p", "no:cacheprovider", "--tb=short", "tests"]
    ended = pytest.main([f"--rootdir={ROOT}", *asked], plugins=[found])
    if ended not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        sys.exit(f"the tests did not run: pytest ended with {ended!r}")
    return found


def main() -> int:
    """Write the table, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    asked = parser.parse_args()
    told = table(run())
    before = DOCUMENT.read_text(encoding="utf-8")
    start, rest = before.split(BEGIN)
    after = f"{start}{BEGIN}\n{told}{END}{rest.split(END)[1]}"
    if not asked.check:
        DOCUMENT.write_text(after, encoding="utf-8")
    ends = [line.split(" | ") for line in told.splitlines() if line.endswith("** |")]
    wrong = [f"{number.strip('| ')}: {end.strip('* |')}" for number, *_, end in ends]
    if asked.check and before != after:
        wrong.append(f"{DOCUMENT.name} is stale: run scripts/contract_table.py")
    print("\n".join(wrong) or f"{len(contract_items())} items, each held by its tests")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
