"""``voiceprep content``: what the platform stores, listed, shown, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.common import ExampleCommand, ExampleGroup, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.rows import (
    Sheet,
    asked_ids,
    connected,
    counted,
    in_order,
    last_line,
    limit_option,
    row_options,
    rows_of,
    show_details,
    show_rows,
)
from voiceprep.cli.words import word
from voiceprep.client import Content

if TYPE_CHECKING:
    from voiceprep.cli.rows import Form

LIST: Final = """\
voiceprep content list
voiceprep content list --tag mars --limit 10
voiceprep content list --json | jq -r '.results[].url_encoded'
"""
SHOW: Final = """\
voiceprep content show 7001
voiceprep content show 7001 7002 --json
"""
DELETE: Final = """\
voiceprep content delete 7001 7002 -n      say what would be deleted
voiceprep content delete 7001 --yes        a sandbox needs no --yes
"""
COLUMNS: Final = {
    "id": "id",
    "name": "name",
    "seconds": "duration_s",
    "bytes": "filesize",
    "tags": "tags",
    "url_encoded": "url_encoded",
}
BLANK: Final = Content(id="", url_encoded="")


def _sheet(verb: str) -> Sheet:
    return Sheet(f"voiceprep.content.{verb}/1", COLUMNS, BLANK)


@click.group(cls=ExampleGroup, examples=LIST + SHOW + DELETE)
def command() -> None:
    """List, show and delete the recordings that the platform stores."""


@command.command("list", cls=ExampleCommand, examples=LIST)
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Bearing this tag, or another."
)
@click.option("--name", metavar="NAME", help="Of exactly this name.")
@limit_option
@common_options
@row_options
def list_(
    tags: tuple[str, ...], name: str | None, limit: int | None, form: Form
) -> int:
    """List contents, oldest first."""
    with connected(form) as (client, platform):
        found = list(client.contents.read(tags=tags or None, name=name, limit=limit))
    show_rows(form, _sheet("list"), rows_of(form, found), platform)
    language = form.common.language
    line = counted(len(found), "content", language)
    if found:
        step = f"voiceprep content show {found[0].id}"
        line = word(language, "next", said=line, step=step)
    last_line(form, line, platform)
    return Exit.DONE


@command.command(cls=ExampleCommand, examples=SHOW)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@common_options
@row_options
def show(ids: tuple[str, ...], form: Form) -> int:
    """Show contents with all their fields. Exit code 6 where one is not there."""
    asked = asked_ids(ids)
    with connected(form) as (client, platform):
        found, missing = in_order(asked, client.contents.read(id=asked))
    rows = rows_of(form, found)
    show_details(form, _sheet("show"), rows, platform, missing=missing)
    last_line(form, _count(len(found), missing, form.common.language), platform)
    return Exit.PLATFORM_REFUSED if missing else Exit.DONE


@command.command(cls=ExampleCommand, examples=DELETE)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do it on your account, not only a sandbox.")
@common_options
@row_options
def delete(ids: tuple[str, ...], yes: bool, form: Form) -> int:
    """Delete contents; print those that were there.

    On the live platform only with --yes. Exit code 6 where one is not there.
    """
    asked, dry_run = asked_ids(ids), form.common.dry_run
    with connected(form) as (client, platform):
        if platform == "live" and not (yes or dry_run):
            raise click.UsageError(
                "this would delete on your account, for good; "
                "add --yes, or -n to see what"
            )
        found, missing = in_order(asked, client.contents.read(id=asked))
        chosen = [one.id for one in found]
        count = None if dry_run else client.contents.delete(id=chosen)
    said: dict[str, Any] = {"dry_run": dry_run, "count": count, "missing": missing}
    show_rows(form, _sheet("delete"), rows_of(form, found), platform, **said)
    done = "content.would" if dry_run else "content.deleted"
    number = len(found) if count is None else count
    last_line(form, _count(number, missing, form.common.language, done), platform)
    return Exit.PLATFORM_REFUSED if missing else Exit.DONE


def _count(number: int, missing: list[str], language: str, done: str = "") -> str:
    line = counted(number, "content", language)
    if done:
        line = word(language, done, said=line)
    if not missing:
        return line
    return word(language, "stats.missing", said=line, ids=", ".join(missing))
