"""What a command costs, and several commands in turn."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Command: TypeAlias = Sequence[str]

LAUNCHER = Path(__file__).with_name("launcher.py")
KIB_PER_MB = 1000 / 1.024  # MB = 10^6 bytes, as everywhere in voiceprep


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command cost, its children included.

    Parameters
    ----------
    cpu_s : float
        User and system time.
    wall_s : float
        From fork to exit.
    peak_mb : float
        Resident memory of the largest process; readings under 7 MB are the
        launcher's.
    exit_code : int
        Of the command.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float
    exit_code: int = 0


class CommandFailedError(Exception):
    """A measured command ended with an exit code that was not expected."""


def measure(command: Command, *, exits: frozenset[int] = frozenset({0})) -> Cost:
    """Run a command once.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    exits : frozenset of int
        Exit codes that count as work done.

    Returns
    -------
    Cost
        Of this run.

    Raises
    ------
    CommandFailedError
        The command ended otherwise; carries the last lines it wrote.
    """
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), *command]
    ran = subprocess.run(
        launcher, stdin=subprocess.DEVNULL, capture_output=True, check=True
    )
    code, wall_s, cpu_s, peak_kib = ran.stdout.split()
    if int(code) not in exits:
        said = ran.stderr.decode(errors="replace").strip()[-600:]
        raise CommandFailedError(f"exit {int(code)} of {' '.join(command)}\n{said}")
    return Cost(float(cpu_s), float(wall_s), float(peak_kib) / KIB_PER_MB, int(code))


def in_turn(
    commands: Mapping[str, Command],
    runs: int,
    *,
    before: Callable[[], None],
    exits: frozenset[int] = frozenset({0}),
) -> dict[str, Cost]:
    """Run commands one after the other, round by round.

    A busy moment of the machine then falls on all of them alike.

    Parameters
    ----------
    commands : mapping of str to command
        By the tool's name.
    runs : int
        Rounds, >= 1.
    before : callable
        Called before each command, outside its time: clears the output folder.
    exits : frozenset of int
        Exit codes that count as work done.

    Returns
    -------
    dict of str to Cost
        The best CPU and wall time of each tool, and its highest peak: the rest is
        the machine's other work, as `timeit` argues.
    """
    costs: dict[str, list[Cost]] = {tool: [] for tool in commands}
    for _ in range(runs):
        for tool, command in commands.items():
            before()
            costs[tool].append(measure(command, exits=exits))
    return {tool: best(of_tool) for tool, of_tool in costs.items()}


def best(costs: Sequence[Cost]) -> Cost:
    """Take the lowest times and the highest peak of several runs.

    >>> best([Cost(1.0, 2.0, 30.0), Cost(1.5, 1.8, 31.0)])
    Cost(cpu_s=1.0, wall_s=1.8, peak_mb=31.0, exit_code=0)
    """
    return Cost(
        min(cost.cpu_s for cost in costs),
        min(cost.wall_s for cost in costs),
        max(cost.peak_mb for cost in costs),
        costs[-1].exit_code,
    )
