"""``voiceprep sandbox``: run the platform's imitation, and steer one that runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.common import Common, ExampleGroup, common_options, settings_of
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import say
from voiceprep.cli.sandbox_control import COMMANDS
from voiceprep.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = """\
voiceprep sandbox                            on its default port, with its own data
voiceprep sandbox --port 0 --data /tmp/box   on any free port
voiceprep sandbox --account acme:acme.secret with a second client
voiceprep sandbox --speed 60                 an hour of calls in a minute
voiceprep sandbox --control --clock manual   a test moves the clock, and breaks things
voiceprep sandbox faults status status=503 method=POST path=/rest/mailings nth=2
"""


# How time goes on, and with which trouble.
_LIVE_OPTIONS: Final = (
    click.option(
        "--clock",
        type=click.Choice(["real", "manual"]),
        help="manual stands until `voiceprep sandbox advance`.",
    ),
    click.option(
        "--speed",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="The clock goes N times faster.",
    ),
    click.option(
        "--seed", type=int, default=0, show_default=True, help="How calls end."
    ),
    click.option(
        "--allow-ping",
        multiple=True,
        metavar="HOST",
        help="May be pinged beside this machine; repeatable.",
    ),
    click.option(
        "--latency",
        type=click.FloatRange(0, 600),
        default=0.0,
        metavar="SECONDS",
        help="Every answer is so much later.",
    ),
    click.option(
        "--late-visibility",
        type=click.FloatRange(0),
        default=0.0,
        metavar="SECONDS",
        help="What is created can be read only so much later.",
    ),
    click.option(
        "--faults", metavar="FILE", help="A JSON list: the script to begin with."
    ),
    click.option(
        "--control",
        is_flag=True,
        help="Let faults, log, advance and reset steer it.",
    ),
)


def _live_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_LIVE_OPTIONS):
        function = option(function)
    return function


@click.group(cls=ExampleGroup, examples=EXAMPLES, invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="0 takes a free one (default: the fixed port that links keep).",
)
@click.option("--data", metavar="DIR", help="Where contents and tokens are kept.")
@click.option("--client-id", default="sandbox", show_default=True)
@click.option(
    "--client-secret-file",
    metavar="FILE",
    help="Holds the secret (default: made in the data folder).",
)
@click.option(
    "--account",
    "accounts",
    metavar="ID:SECRET_FILE",
    multiple=True,
    help="One more client; may be repeated. Each sees its own things only.",
)
@click.option(
    "--database",
    metavar="URL",
    help="SQLAlchemy URL, as postgresql+psycopg:///box (default: SQLite in --data).",
)
@_live_options
@common_options
def command(
    host: str,
    port: int | None,
    data: str | None,
    client_id: str,
    client_secret_file: str | None,
    accounts: tuple[str, ...],
    database: str | None,
    common: Common,
    **live: Any,
) -> int:
    """Run the sandbox until it is told to stop (Ctrl-C, SIGTERM).

    When it is ready, one JSON line on stdout says where: base_url, token_url,
    content_url, api_url, client_id, client_secret_file, pid, data. In a browser of
    this machine, base_url shows what it holds and does.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return Exit.DONE
    from voiceprep.pipeline.platform import sandbox_data, sandbox_port
    from voiceprep.sandbox import serve

    settings = settings_of(common)
    secrets = dict(_account(word) for word in accounts)
    place = Path(data) if data else sandbox_data(settings)
    number = sandbox_port(settings) if port is None else port
    chosen = _live_settings(**live)
    if common.dry_run:
        told = {"host": host, "port": number, "place": place}
        say(common, word(common.language, "sandbox.would", **told))
        return Exit.DONE

    def ready(description: dict[str, Any]) -> None:
        click.echo(json.dumps(description))
        url = description["base_url"]
        say(common, word(common.language, "sandbox.runs", url=url))

    serve(
        place,
        ready=ready,
        host=host,
        port=number,
        accounts=secrets,
        database=database,
        client_id=client_id,
        client_secret_file=Path(client_secret_file) if client_secret_file else None,
        **chosen,
    )
    return Exit.DONE


def _account(word: str) -> tuple[str, str]:
    """Read a client and its secret from ``ID:SECRET_FILE``."""
    client_id, _, file = word.partition(":")
    if not client_id or not file:
        raise click.UsageError(f"--account takes ID:SECRET_FILE, not {word!r}")
    try:
        secret = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(
            f"the secret of {client_id} can't be read from {file}: "
            f"{type(error).__name__}"
        ) from error
    if not secret:
        raise click.UsageError(f"the secret of {client_id} in {file} is empty")
    return client_id, secret


def _live_settings(
    clock: str | None,
    speed: float | None,
    latency: float,
    late_visibility: float,
    faults: str | None,
    **same: Any,
) -> dict[str, Any]:
    """Return the settings of `Sandbox` that the options stand for."""
    if clock and speed:
        raise click.UsageError("--clock and --speed exclude each other")
    return {
        "clock": speed or clock or "real",
        "latency_s": latency,
        "late_visibility_s": late_visibility,
        "faults": _script(faults) if faults else (),
        **same,
    }


def _script(file: str) -> list[Any]:
    """Read a script of faults."""
    from voiceprep.sandbox.faults import read_script

    try:
        told = json.loads(Path(file).read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.UsageError(f"--faults {file}: not valid JSON: {error}") from error
    return read_script(told)


for _each in COMMANDS:
    command.add_command(_each)
