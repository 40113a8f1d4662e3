"""What the command line asks of the benchmark."""

import tempfile
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """Settings that every section reads.

    Parameters
    ----------
    work : Path
        Folder of the inputs, kept from run to run.
    voiceprep : tuple of str
        Our command.
    runs : int or None
        Rounds; None leaves it to the section.
    quick : bool
        The short form, under a minute.
    long : bool
        Two hours of MP3 as well.
    before : tuple of str
        The command of an older voiceprep to compare with; empty for none.
    """

    work: Path
    voiceprep: tuple[str, ...]
    runs: int | None = None
    quick: bool = False
    long: bool = False
    before: tuple[str, ...] = ()

    def rounds(self, usual: int) -> int:
        """How many runs of each tool.

        >>> Options(Path(), ("voiceprep",), quick=True).rounds(5)
        2
        """
        return self.runs or (2 if self.quick else usual)


def default_work() -> Path:
    """Name this user's cache folder under the system's temporary one."""
    return Path(tempfile.gettempdir()) / f"voiceprep-bench-{getuser()}"
