"""``voiceprep campaign``: what a person signs, and the whole way in one command."""

from __future__ import annotations

import click

from voiceprep.cli.campaign_run import RUN, run
from voiceprep.cli.common import ExampleGroup
from voiceprep.cli.proof import PROOF, proof


@click.group(cls=ExampleGroup, examples=RUN + PROOF)
def command() -> None:
    """Go the whole way to calls, or sign a campaign off before anybody is called."""


command.add_command(run)
command.add_command(proof)
