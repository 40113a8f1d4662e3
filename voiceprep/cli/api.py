"""``voiceprep api``: one call as it is spelled, for the curious."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.client.wire import Answer

EXAMPLES: Final = """\
voiceprep api GET contents limit=5 sort='id DESC'
voiceprep api GET mailings.xml name='Relance mars'
voiceprep api PUT contents id=7001 metaData='{"description":"Pour mars"}'
voiceprep api POST messages action=read id=91 id=92 properties=DEFAULT
"""
METHODS: Final = ("GET", "POST", "PUT", "DELETE")


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.argument("words", metavar="[KEY=VALUE...]", nargs=-1)
@click.option("--yes", is_flag=True, help="Delete, or call people, on your account.")
@click.option("--show-numbers", is_flag=True, help="Show telephone numbers whole.")
@common_options
def command(
    method: str,
    path: str,
    words: tuple[str, ...],
    yes: bool,
    show_numbers: bool,
    common: Common,
) -> int:
    """Make one call with the token, and print the answer.

    PATH is a resource, such as contents or mailings.xml: contents stand below
    content_url, all others below api_url, and the token goes nowhere else.
    Parameters of POST and PUT go into the body. A POST that creates is never
    repeated where its outcome is unclear: exit code 7. On your account, what deletes
    and what makes or changes calls needs --yes.
    """
    from voiceprep.client.raw import raw_request
    from voiceprep.client.words import masked
    from voiceprep.errors import RefusedError
    from voiceprep.pipeline.platform import connect

    params = [_pair(word) for word in words]
    try:
        raw_request(method, path, params, "", "")
    except RefusedError as error:  # ours: it is no call that could be made
        raise click.UsageError(str(error)) from error
    if common.dry_run:
        plan = " ".join((method, path, *words))
        call = plan if show_numbers else masked(plan)
        say(common, word(common.language, "api.would", call=call))
        return Exit.DONE
    with connect(settings_of(common), say=lambda line: say(common, line)) as client:
        platform = client.platform
        if platform == "live" and not yes:
            _check_harmless(method, path, params)
        answer = client.api(method, path, params)
    _show(common, answer, platform, show_numbers=show_numbers)
    base = "content_url" if path.lstrip("/").startswith("contents") else "api_url"
    told = {"place": answer.place, "status": answer.status, "base": base}
    say_last(common, word(common.language, "api.answered", **told), platform)
    return Exit.DONE


def _check_harmless(method: str, path: str, params: Sequence[tuple[str, str]]) -> None:
    """Refuse what is for good on an account: a deletion, and what calls people."""
    from voiceprep.client.raw import action_of, resource_of
    from voiceprep.contract import MAILINGS

    action = action_of(method, path, params).lower()
    if action == "delete":
        raise click.UsageError("this would delete on your account; add --yes")
    if resource_of(path).lower() == MAILINGS and action != "read":
        raise click.UsageError(
            "this may call people from your account; add --yes, or -n to see what"
        )


def _pair(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not key or not equals:
        raise click.UsageError(f"{word!r} is not KEY=VALUE")
    return key, value


def _show(common: Common, answer: Answer, platform: str, *, show_numbers: bool) -> None:
    """Print JSON as JSON, another format as the text that it is."""
    from voiceprep.client.words import masked_json

    told: Any = answer.document
    if told is None and answer.body:
        told = _printable(answer.body.decode("utf-8", "replace"))
    seen = told if show_numbers else masked_json(told)
    if common.as_json:
        results = [] if seen is None else [seen]
        said = {"platform": platform, "status": answer.status}
        click.echo(document("voiceprep.api/1", results, **said))
    elif isinstance(seen, str):
        click.echo(seen)
    elif seen is not None:
        click.echo(json.dumps(seen, indent=2))


def _printable(text: str) -> str:
    """Leave out what would move a terminal's cursor or turn its text around."""
    kept: Sequence[str] = [
        c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C"
    ]
    return "".join(kept)
