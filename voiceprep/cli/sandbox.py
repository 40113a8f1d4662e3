"""``voiceprep sandbox``: run the platform's imitation for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import say

EXAMPLES = """\
voiceprep sandbox                            on its default port, with its own data
voiceprep sandbox --port 0 --data /tmp/box   on any free port
voiceprep sandbox --account acme:acme.secret with a second client
"""


@click.command(cls=ExampleCommand, examples=EXAMPLES)
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
) -> int:
    """Run the sandbox until it is told to stop (Ctrl-C, SIGTERM).

    When it is ready, one JSON line on stdout says where: base_url, token_url,
    content_url, api_url, client_id, client_secret_file, pid, data.
    """
    from voiceprep.pipeline.platform import sandbox_data, sandbox_port
    from voiceprep.sandbox import serve

    settings = settings_of(common)
    secrets = dict(_account(word) for word in accounts)
    place = Path(data) if data else sandbox_data(settings)
    number = sandbox_port(settings) if port is None else port
    if common.dry_run:
        say(common, f"would run on {host}, port {number}, with its data in {place}")
        return Exit.DONE

    def ready(description: dict[str, Any]) -> None:
        click.echo(json.dumps(description))
        say(common, f"the sandbox runs at {description['base_url']}; Ctrl-C ends it")

    serve(
        place,
        ready=ready,
        host=host,
        port=number,
        accounts=secrets,
        database=database,
        client_id=client_id,
        client_secret_file=Path(client_secret_file) if client_secret_file else None,
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
