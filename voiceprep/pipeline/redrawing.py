"""Draw the recordings of a batch, each once, where a decoder that hangs costs no more.

It is drawn as it is decoded to be prepared; what lacks then in the batch's engine; what
lacks even so, or is broken, for the page that needs it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceprep.batch import WorkerLostError, run
from voiceprep.errors import LedgerError
from voiceprep.pipeline.drawing import completed, drawing_of, seconds_of
from voiceprep.pipeline.drawings import Drawing, Drawings, name_of
from voiceprep.pipeline.exhibits import Exhibit
from voiceprep.pipeline.guard import guarded, unguarded
from voiceprep.pipeline.painting import Pictures
from voiceprep.report import Absence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceprep.batch import Engine
    from voiceprep.ledger import Made, Recording
    from voiceprep.pipeline.painting import Sketch
    from voiceprep.pipeline.treatment import Treatment

__all__ = ["Redrawing", "draw_lacking", "exhibit_of", "keep_sketched"]


def exhibit_of(made: Made) -> Exhibit:
    """Return what the ledger holds of a recording that was judged, to be shown."""
    return Exhibit.of_json(json.loads(made.result or "{}"))


def keep_sketched(folder: str, made: Made, sketch: Sketch) -> None:
    """Keep the drawing of what was watched as it was prepared, where it is whole.

    Without it the recording is prepared all the same: whoever needs it draws it.
    """
    with suppress(LedgerError, OSError):
        exhibit = exhibit_of(made)
        original = sketch.pictures(seconds_of(exhibit))
        if original is not None:
            drawing = completed(exhibit, original, unguarded)
            Drawings.of(folder).keep(name_of(made), drawing)


@dataclass(frozen=True, slots=True)
class Redrawing:
    """Draw one recording anew, and keep that: work for any executor.

    Parameters
    ----------
    folder : str
        Of the artefacts.
    treatment : Treatment
        By which a refused recording is heard as it would be.
    in_place : bool
        As of `work.Preparing`.
    """

    folder: str
    treatment: Treatment
    in_place: bool = True

    def __call__(self, recording: Recording) -> None:
        """Draw it, and keep that."""
        self.draw(recording.made, exhibit_of(recording.made))

    def draw(self, made: Made, exhibit: Exhibit) -> Drawing:
        """Draw it, keep that and return it."""
        call = guarded if self.in_place else unguarded
        drawing = drawing_of(exhibit.with_preview(self.treatment, call), call)
        with suppress(OSError):  # it is drawn again then
            Drawings.of(self.folder).keep(name_of(made), drawing)
        return drawing

    def find(self, made: Made, exhibit: Exhibit) -> Drawing:
        """Return what was kept; draw what lacks."""
        kept = Drawings.of(self.folder).find(name_of(made))
        if kept is None or (kept.original is None and _is_there(exhibit)):
            return self.draw(made, exhibit)
        return kept


def _is_there(exhibit: Exhibit) -> bool:
    return not isinstance(exhibit.find_source(), Absence)


def draw_lacking(
    recordings: Iterable[Recording], work: Redrawing, engine: Engine
) -> None:
    """Draw, in an engine, what was judged and is not drawn.

    What a worker did not live to draw is not tried again: it is shown without.
    """
    drawings = Drawings.of(work.folder)
    lacking = (
        each
        for each in recordings
        if each.made.result is not None and name_of(each.made) not in drawings
    )
    for outcome in run(
        work, lacking, engine.executor, engine.window, per_task=engine.per_task
    ):
        if isinstance(outcome.error, WorkerLostError):
            made = outcome.key.made
            with suppress(OSError):
                bare = completed(exhibit_of(made), Pictures())
                drawings.keep(name_of(made), bare)
