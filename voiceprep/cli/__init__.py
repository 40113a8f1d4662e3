"""The command line: arguments, progress, exit codes. Never imported by others."""

from voiceprep.cli.main import main

__all__ = ["main"]
