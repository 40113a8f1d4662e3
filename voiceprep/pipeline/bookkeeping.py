"""Look into a batch's ledger, correct it, and compare it with the platform."""

from __future__ import annotations

from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from voiceprep.ledger import OPEN, State, file_of
from voiceprep.pipeline.folder import ledger_file
from voiceprep.pipeline.listing import Filter, listed
from voiceprep.pipeline.looking import looked_at
from voiceprep.pipeline.parcels import Parcel
from voiceprep.pipeline.places import path_of, place_of
from voiceprep.pipeline.results import outcome_of, shown, write_results
from voiceprep.pipeline.rewriting import former_results
from voiceprep.pipeline.sending import Delivery, Sender
from voiceprep.pipeline.uploader import TAG_PREFIX
from voiceprep.pipeline.work import asked_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from voiceprep.client import Client, Content
    from voiceprep.ledger import Ledger, Recording
    from voiceprep.pipeline.folder import Order

__all__ = [
    "Comparison",
    "chosen",
    "chosen_again",
    "forget",
    "planned",
    "reconcile",
    "retry",
]

_AGAIN: Final = {"failed", "not_taken", "unreadable"}  # what `retry` retries by itself
_PORTION: Final = 500


def planned(order: Order) -> Iterator[tuple[str, str]]:
    """Yield each recording that a batch would find: its path; new, changed, unchanged.

    Nothing is written, and nothing is read of the recordings.
    """
    out, asked = place_of(order.out), asked_of(order.treatment)
    folders = listed(order.sources, out=out, chosen=order.chosen)
    each = chain.from_iterable(folders)
    file = ledger_file(out) if order.ledger is None else file_of(order.ledger)
    is_new = file is not None and not file.exists()
    with nullcontext() if is_new else looked_at(order) as ledger:
        while some := list(islice(each, _PORTION)):
            known = {} if ledger is None else ledger.peek(out, asked, some)
            yield from ((shown(x.place), known.get(x.place, "new")) for x in some)


def chosen(
    ledger: Ledger, out: str, account: str, globs: Sequence[str]
) -> tuple[list[Recording], list[str]]:
    """Return the recordings that globs or paths name, and those that fit none.

    Globs are those of `Filter`; a path is as the results print it, or leads there.
    """
    idle, found = dict.fromkeys(globs), []
    places = {glob: place_of(glob) for glob in globs}
    for each in ledger.recordings(out, account):
        spellings = _spellings(each)
        fitting = [
            glob
            for glob, place in places.items()
            if place == each.place or any(map(Filter((glob,)).takes, spellings))
        ]
        found += [each] if fitting else []
        for glob in fitting:
            idle.pop(glob, None)
    return found, list(idle)


def _spellings(recording: Recording) -> tuple[str, ...]:
    """Write a recording's path as a person may: whole, from here, below its root."""
    path = path_of(recording.place)
    inner = path_of(recording.name).rpartition("/")[0]
    return (
        path,
        shown(recording.place),
        f"{inner}/{path.rpartition('/')[2]}".lstrip("/"),
    )


def chosen_again(
    ledger: Ledger, out: str, account: str, globs: Sequence[str] = ()
) -> tuple[list[Recording], list[str]]:
    """Return what failed, was not taken or could not be read; or as `chosen`."""
    if globs:
        return chosen(ledger, out, account, globs)
    every = ledger.recordings(out, account)
    return [each for each in every if outcome_of(each) in _AGAIN], []


def forget(
    ledger: Ledger, out: str, account: str, recordings: Collection[Recording]
) -> None:
    """Forget recordings; they leave the results too, where there are any."""
    ledger.forget(out, [each.id for each in recordings])
    if recordings and (former := former_results(out)) is not None:
        write_results(
            ledger.recordings(out, account),
            out,
            platform=former.platform,
            held=former.holds,
        )


def retry(ledger: Ledger, account: str, again: Sequence[Recording]) -> None:
    """Plan recordings anew.

    What the platform refused is sent again then; what it has is found there.
    """
    for recording in again:
        if recording.upload is not None and recording.state is State.REFUSED:
            ledger.drop(account, recording.upload.tag)
    ledger.plan([each.id for each in again])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold what the platform and the ledger know of each other.

    Parameters
    ----------
    adopted : tuple of str
        Tags of uploads that the ledger did not know to have arrived.
    unclear : tuple of str
        Tags whose outcome is still unknown: not there (yet).
    gone : tuple of str
        Tags that the ledger knows, and the platform no longer has.
    foreign : tuple of Content
        Contents of ours that the ledger does not know.
    doubled : tuple of Content
        Contents whose bytes are there already, under another id.
    agreed : int
        How many both know.
    """

    adopted: tuple[str, ...]
    unclear: tuple[str, ...]
    gone: tuple[str, ...]
    foreign: tuple[Content, ...]
    doubled: tuple[Content, ...]
    agreed: int


def reconcile(
    ledger: Ledger, client: Client, *, say: Callable[[str], None] = lambda _: None
) -> Comparison:
    """Compare the ledger with the platform; adopt what has arrived unseen.

    Nothing is sent, and nothing is deleted.
    """
    there: defaultdict[str, list[Content]] = defaultdict(list)
    for content in client.contents.read():
        for tag in content.tags:
            if tag.startswith(TAG_PREFIX):
                there[tag].append(content)
    say(f"{len(there):,} of ours on the platform")
    account = client.account
    known = {each.tag: each for each in ledger.uploads(account, set(State))}
    uploaded = {tag for tag, each in known.items() if each.state is State.UPLOADED}
    adopted = set(_adopted(ledger, client, (known.keys() & there) - uploaded))
    is_open = {tag for tag, each in known.items() if each.state in OPEN}
    strange = sorted(there.keys() - known.keys())
    return Comparison(
        tuple(sorted(adopted)),
        tuple(sorted(is_open - adopted)),
        tuple(sorted(uploaded - there.keys())),
        tuple(there[tag][0] for tag in strange),
        tuple(chain.from_iterable(each[1:] for each in there.values())),
        len(uploaded & there.keys()),
    )


def _adopted(ledger: Ledger, client: Client, tags: Collection[str]) -> Iterator[str]:
    """Take up what has arrived; the sender looks, and finds it before it would send."""
    sender = Sender(ledger, client, client.account)
    for tag in sorted(tags):
        told = sender.look(Parcel("", "", "", tag, ""))
        if isinstance(told, Delivery):
            yield tag
