"""Start the command line: environment first, then the command that was named."""

from __future__ import annotations

import codecs
import gc
import io
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from voiceprep.audio.unfinished import drop_all
from voiceprep.cli.exits import Exit, exit_of
from voiceprep.cli.sentences import said_in, sentence_of, visible
from voiceprep.errors import VoiceprepError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main", "root"]

COMMANDS: Final = {  # name → (module, what it is for); loaded when named
    "check": ("voiceprep.cli.check", "Is it fit? Findings and remedies."),
    "prepare": ("voiceprep.cli.prepare", "Check, then write what goes out."),
    "preview": ("voiceprep.cli.preview", "Hear what the recipient will hear."),
    "upload": ("voiceprep.cli.upload", "Check, prepare, upload, print url_encoded."),
    "verify": ("voiceprep.cli.verify", "Compare what is stored with the preview."),
    "batch": ("voiceprep.cli.batch", "All of it over a folder, resumable."),
    "report": ("voiceprep.cli.report", "The page to listen and decide on."),
    "content": ("voiceprep.cli.content", "List, show, delete what is stored."),
    "contacts": ("voiceprep.cli.contacts", "Who can be called, and who can't."),
    "mailing": (
        "voiceprep.cli.mailing",
        "Plan calls, send them once, stop them; what came of them.",
    ),
    "campaign": (
        "voiceprep.cli.campaign",
        "From a recording to calls, in one command; its sign-off.",
    ),
    "messages": ("voiceprep.cli.messages", "What became of each call."),
    "api": ("voiceprep.cli.api", "One raw call, with the token."),
    "sandbox": ("voiceprep.cli.sandbox", "Run the platform's imitation."),
    "demo": ("voiceprep.cli.demo", "The main job over samples, on a sandbox."),
    "doctor": ("voiceprep.cli.doctor", "Is everything here that is needed?"),
    "config": ("voiceprep.cli.config", "Show settings and where they come from."),
}
_PLAIN: Final = {  # of French, for a terminal that lacks its finer signs
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{MINUS SIGN}": "-",
}
EXAMPLES: Final = """\
Examples:
  voiceprep check message.mp3              will it sound right on the phone?
  voiceprep prepare message.mp3 -o out     out/message.wav is what they will hear
  voiceprep upload message.mp3             prints url_encoded, for a mailing
  voiceprep batch recordings/ -o out       a folder of any size; run again to go on
  voiceprep demo                           see it all, without an account
"""


class _Root(click.Group):
    """Load a command's module only when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)  # noqa: S101 (each module's one)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}.{_nearest(args[0])}")
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(EXAMPLES + "\n")
        super().format_help(ctx, formatter)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, row[1]) for name, row in COMMANDS.items()])


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voiceprep", message="%(prog)s %(version)s")
def root() -> None:
    """Hear the call before you make it: recordings, made ready for the telephone."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its code."""
    # numpy starts a thread for each core otherwise: 0.1 s of CPU at every start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _own_standard_streams()
    _end_as_by_ctrl_c()
    code = _code_of(None if arguments is None else list(arguments))
    gc.freeze()  # nothing needs to be looked for at the end
    sys.exit(code)


def _end_as_by_ctrl_c() -> None:
    """Let what asks a program to end leave as little behind as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup's stays
            signal.signal(number, signal.default_int_handler)


def _code_of(arguments: list[str] | None) -> int:
    """Run; turn what was raised into one sentence and its exit code."""
    try:
        done: Any = root.main(arguments, prog_name="voiceprep", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        _show(error, _language(arguments))
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        _say_interrupted(_language(arguments))
        _end_at_once(Exit.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more can be said there.
        _leave_unwritten()
        _end_at_once(Exit.DONE)
    except (VoiceprepError, OSError) as error:
        said = sentence_of(error, _language(arguments))
        click.echo(f"voiceprep: {said}", err=True)
        _leave_unwritten()
        return exit_of(error)
    return int(done or 0)


def _language(arguments: list[str] | None) -> str:
    """Return the language of what is said where a command could not."""
    from voiceprep.cli.language import language_asked

    return language_asked(sys.argv[1:] if arguments is None else arguments)


def _say_interrupted(language: str) -> None:
    from voiceprep.cli.words import word

    click.echo(word(language, "interrupted"), err=True)


def _show(error: click.ClickException, language: str) -> None:
    """Say a usage error; the words in it may be names of files (`check *`)."""
    told = io.StringIO()
    error.show(told)
    lines = told.getvalue().expandtabs(4).split("\n")
    said = (visible(said_in(language, line)) for line in lines)
    click.echo("\n".join(said), err=True, nl=False)


def _end_at_once(code: Exit) -> NoReturn:
    """End without waiting for threads; what they have begun is removed first."""
    drop_all()
    _leave_unwritten()
    os._exit(code)


def _leave_unwritten() -> None:
    """Drop what stdout can't take (a closed pipe, a full disk): exit says so too."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _own_standard_streams() -> None:
    """Keep stderr for ourselves, and let file names of any bytes through.

    The C decoders write to file descriptor 2 (for 157 of 740 real files); what
    they say there is said by the findings.
    """
    codecs.register_error("voiceprep", _any_name)
    _fill_closed_streams()
    sys.stderr.flush()
    ours = os.dup(2)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    os.close(silent)
    talk = io.BufferedWriter(_Talk(ours, "w"))
    sys.stderr = io.TextIOWrapper(talk, errors="voiceprep", line_buffering=True)
    sys.stdout.reconfigure(errors="voiceprep")  # type: ignore[union-attr]


class _Talk(io.FileIO):
    """Lose what can't be written (a log on a full disk): talk never ends the work."""

    def write(self, data: Any) -> int:
        """Write; what is lost counts as written."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _fill_closed_streams() -> None:
    """Open what was closed (`>&-`) on nothing: a recording must not get number 1."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
            stream = os.fdopen(number, "w" if number else "r", closefd=False)
            setattr(sys, name, stream)


def _any_name(error: UnicodeError) -> tuple[bytes | str, int]:
    """Let a name's own bytes through; write what the terminal lacks as escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    first = ord(error.object[error.start])
    if 0xDC80 <= first <= 0xDCFF:  # a byte that was no UTF-8 (PEP 383)
        return bytes([first - 0xDC00]), error.start + 1
    if plain := _PLAIN.get(error.object[error.start]):
        return plain, error.start + 1
    escaped = error.object[error.start].encode("ascii", "backslashreplace")
    return escaped, error.start + 1
