"""``voiceprep campaign``: what a person signs, and the whole way in one command."""

from __future__ import annotations

import click

from voiceprep.cli.common import ExampleGroup
from voiceprep.cli.proof import PROOF, proof


@click.group(cls=ExampleGroup, examples=PROOF)
def command() -> None:
    """Sign a campaign off before anybody is called."""


command.add_command(proof)
