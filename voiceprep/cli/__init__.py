"""The command line: arguments, progress, exit codes. Never imported by others."""

import gc

# Objects between collections. Imports make no garbage, and none needs to be looked for
# at the end: a sixth of the CPU of a short command. First of all, for click's sake.
gc.set_threshold(50_000)

from voiceprep.cli.main import main  # noqa: E402

__all__ = ["main"]
