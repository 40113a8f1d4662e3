"""``voiceprep campaign proof``: the sign-off of a plan, on one page."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

import click

from voiceprep.cli.common import Common, ExampleCommand, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say
from voiceprep.cli.words import number, word
from voiceprep.contract import ACCOUNT_ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.report import About, Proof

__all__ = ["PROOF", "about_of", "proof"]

SCHEMA: Final = "voiceprep.campaign.proof/1"
PROOF: Final = """\
voiceprep campaign proof relance-mars.plan.json
voiceprep campaign proof relance-mars.plan.json -o proof.html --lang fr
voiceprep campaign proof relance-mars.plan.json --approved decisions.json
"""


def about_of(common: Common, place: str) -> About:
    """Say what a sheet is about, in the person's language."""
    from datetime import datetime
    from importlib.metadata import version
    from zoneinfo import ZoneInfo

    from voiceprep.report import About, Language

    made = datetime.now(ZoneInfo(ACCOUNT_ZONE))
    return About(place, made, version("voiceprep"), Language(common.language))


@click.command(cls=ExampleCommand, examples=PROOF)
@click.argument("plan", metavar="PLAN")
@click.option("-o", "--out", metavar="FILE", help="Write a page (HTML) to print.")
@click.option(
    "--approved",
    multiple=True,
    metavar="FILE",
    help="Decisions that a page of `report` exported; repeatable.",
)
@common_options
def proof(
    plan: str,
    out: str | None,
    approved: Sequence[str],
    common: Common,
) -> int:
    """Print what will be heard, by how many and when, and who agreed to it.

    On one page, in French or English, to be signed before `mailing send`. Decisions
    count where they are about the very bytes that will be heard. Exit code 1 where
    one of them rejects. Nothing is sent, and nobody's number is on it.
    """
    from voiceprep.pipeline.plans import read_plan
    from voiceprep.pipeline.proving import proof_json, proof_of, write_sheet
    from voiceprep.report import approvals_in, proof_page, proof_text

    whole = read_plan(plan)
    folder = None if out is None else Path(out).parent
    about = about_of(common, whole.campaign)
    told = proof_of(whole, about, approvals_in(approved), folder)
    written = out is not None and not common.dry_run
    if out is not None and written:
        write_sheet(proof_page(told), Path(out))
    if common.as_json:
        click.echo(document(SCHEMA, [{**proof_json(told), "output": out}]))
    else:
        click.echo(out if written else proof_text(told))
    rejected = any(not each.approved for each in told.decisions)
    say(common, _last(told, plan, common.language, rejected=rejected))
    return Exit.REFUSED if rejected else Exit.DONE


def _last(told: Proof, plan: str, language: str, *, rejected: bool) -> str:
    """Say what happened and what to do next."""
    send = f"voiceprep mailing send {quote(plan)}"
    if rejected:
        return word(language, "proof.rejected")
    if not told.content_sha256:
        return word(language, "proof.unverified", command=send)
    if not told.decisions:
        return word(language, "proof.open", command=send)
    n = number(language, len(told.decisions), 0)
    return word(language, "proof.approved", n=n, command=send)
