"""Hear what the recipient would, whatever the verdict: nothing is prepared by it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from voiceprep.audio import decode
from voiceprep.audio.artefact import alaw_head
from voiceprep.audio.identify import identify
from voiceprep.audio.opening import open_recording
from voiceprep.pipeline.treatment import Treatment

if TYPE_CHECKING:
    import os

__all__ = ["preview_wav"]


def preview_wav(
    path: str | os.PathLike[str], treatment: Treatment | None = None
) -> bytes:
    """Return what would be heard of a recording, as an A-law WAV file.

    A recording that is refused has no artefacts, so that it can't be sent by
    mistake; this is for the ear alone.

    Parameters
    ----------
    path : str or path
    treatment : Treatment or None
        What is to be made of it.

    Raises
    ------
    UndecodableError
        Where no whole sound can be had from it.

    >>> len(preview_wav("samples/9.9-seconds.wav"))    # 79,200 codes and a head
    79258
    """
    from voiceprep.audio.gather import gather
    from voiceprep.audio.prepare import Order, prepare_signal

    asked = treatment or Treatment()
    order = Order(asked.mode, "silence" in asked.fixes, asked.limits)
    with (
        open_recording(path) as file,
        gather(partial(decode.pour, file, identify(file))) as gathered,
        prepare_signal(gathered, order) as prepared,
    ):
        codes = b"".join(block.tobytes() for block in prepared.codes())
    return alaw_head(len(codes)) + codes + b"\0" * (len(codes) % 2)
