"""The whole way of a campaign, from a recording to statistics, one step at a time.

Each step leaves behind what the next one needs: artefacts and plan in a folder, what
was ordered in the ledger. So it can be stopped anywhere, and goes on when it is run
again; a plan that is there is sent as it is, and never made anew under the same calls.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voiceprep.campaign.columns import RECIPIENT
from voiceprep.campaign.sheets import UNKNOWN
from voiceprep.errors import RefusedError, RejectedError, SettingsError
from voiceprep.ledger import DOUBTFUL, UNSENT, CallState
from voiceprep.pipeline.calls import Sent
from voiceprep.pipeline.contacts import check_contacts
from voiceprep.pipeline.following import watch
from voiceprep.pipeline.heard import heard_of
from voiceprep.pipeline.plans import make_plan, read_plan
from voiceprep.pipeline.recording import check_with, examined, prepare_with
from voiceprep.pipeline.tallied import tallied
from voiceprep.pipeline.turns import one_at_a_time
from voiceprep.pipeline.uploader import Uploader
from voiceprep.pipeline.whole import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from voiceprep.campaign.plan import Plan
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger, Mailed
    from voiceprep.pipeline.calls import Caller
    from voiceprep.pipeline.contacts import Checked
    from voiceprep.pipeline.following import Followed, Patience
    from voiceprep.pipeline.heard import Heard
    from voiceprep.pipeline.plans import Wish
    from voiceprep.pipeline.tallied import Tallied
    from voiceprep.pipeline.treatment import Treatment

__all__ = ["STEPS", "Course", "Errand"]

STEPS: Final = (  # as they are printed
    *("check", "prepare", "upload", "verify", "plan", "confirm", "send"),
    *("watch", "stats"),
)
KEPT: Final = "campaign.json"  # what the plan in a folder was made of
_SOON: Final = timedelta(minutes=10)  # calls that begin later are not waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Say what is to be done.

    Parameters
    ----------
    recording : Path
    wish : Wish
        Of the campaign; its contacts are the list as it came.
    treatment : Treatment
    folder : Path
        For artefacts, lists and the plan.
    words : tuple of str
        The options that say what is asked for, as they were given: others are
        another campaign.
    """

    recording: Path
    wish: Wish
    treatment: Treatment
    folder: Path
    words: tuple[str, ...] = ()

    @property
    def plan_path(self) -> Path:
        """Name the plan's file."""
        return self.folder / "plan.json"

    def inputs(self, account: str) -> dict[str, str]:
        """Say what a plan is made of: the recording, the lists, the words."""
        lists = (self.wish.contacts.source, *self.wish.contacts.suppress)
        files = (self.wish.windows, *map(str, lists))
        return {
            "account": account,
            "name": self.wish.name,
            "recording": _digest(self.recording),
            "lists": " ".join(_digest(Path(file)) for file in files if file),
            "words": json.dumps([*self.words, *self.treatment.words]),
            "fixes": ",".join(sorted(self.treatment.fixes)),
        }


@dataclass(slots=True)
class Course:
    """Go the whole way, from wherever an earlier run has come.

    Parameters
    ----------
    errand : Errand
    client : Client
    ledger : Ledger
    caller : callable
        Makes what sends a plan.
    tell : callable
        Is told each step by its name, and what came of it.
    now : callable
        The time, with an offset.
    refused : int
        Contacts that can't be called, where the list was checked now.
    """

    errand: Errand
    client: Client
    ledger: Ledger
    caller: Callable[[Plan], Caller]
    tell: Callable[[str, str], None]
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    refused: int = 0

    def plan(self) -> Plan:
        """Return the plan to send: the one that is there, or a new one.

        One run at a time plans in a folder: another's list would be called else.

        Raises
        ------
        RejectedError
            Where the recording is not fit.
        SettingsError
            Where the folder holds another campaign that was sent.
        RefusedError
            Where the platform stored something else than was previewed.
        PlatformError, OSError
        """
        with one_at_a_time(f"a plan in {self.errand.folder.resolve()}"):
            return self._current_or_new()

    def _current_or_new(self) -> Plan:
        inputs = self.errand.inputs(self.client.account)
        kept = self._kept()
        if kept is not None:
            plan = read_plan(self.errand.plan_path)
            if kept == inputs and self._is_current(plan):
                self.tell("plan", f"{plan.campaign}, as it was made before")
                return plan
            self._check_unsent(plan)
        return self._planned(inputs)

    def is_sent(self, plan: Plan) -> bool:
        """Say whether there is nothing more to order."""
        return len(_ordered(self._rows(plan))) == len(plan.parts)

    def standing(self) -> Sent | None:
        """Say what became of the plan that is there; None where none can be read."""
        try:
            plan = read_plan(self.errand.plan_path)
        except (SettingsError, OSError):
            return None
        return Sent(plan.campaign, tuple(self._rows(plan)))

    def confirm(self, caller: Caller) -> None:
        """Judge a plan once more, with what a person confirmed."""
        caller.prepare()
        plan = caller.plan
        heard = plan.order.content_sha256[:16]
        self.tell("confirm", f"{_counted(plan)}, playing {heard}")

    def send(self, caller: Caller) -> Sent:
        """Send a plan, or go on with it."""
        before = _ordered(caller.orderer.rows())
        caller.send()
        sent = caller.told(before)
        self.tell("send", f"{sent.ordered:,} of {caller.plan.calls:,} calls ordered")
        return sent

    def begins_late(self, plan: Plan) -> datetime | None:
        """Return when a plan's last calls begin, where that is not soon."""
        last = max(part.at or self.now() for part in plan.parts)
        return last if last > self.now() + _SOON else None

    def follow(
        self,
        plan: Plan,
        *,
        timeout_s: float | None,
        patience: Patience | None,
        say: Callable[[str], None],
    ) -> Followed:
        """Follow the calls until all have ended, or the time is over."""
        followed = watch(
            self.client,
            self.ledger,
            plan.campaign,
            timeout_s=timeout_s,
            patience=patience,
            say=say,
            progress=lambda now: say(f"  {now}"),
        )
        open_ = followed.total - followed.ended
        self.tell("watch", "all have ended" if not open_ else f"{open_:,} still open")
        return followed

    def stats(self, plan: Plan) -> Tallied:
        """Add up what the calls came to."""
        told = tallied(self.client, self.ledger, plan.campaign)
        sums = told.stats
        rate = "" if sums.deliverability is None else f", {sums.deliverability:.2f} %"
        self.tell("stats", f"{sums.ok:,} of {sums.total:,} reached{rate}")
        return told

    def _planned(self, inputs: Mapping[str, str]) -> Plan:
        """Take the steps from a recording and a list to a plan."""
        errand = self.errand
        errand.folder.mkdir(parents=True, exist_ok=True)
        accepted = self._checked()
        played = self._uploaded()
        contacts = replace(  # accepted.csv has a form of its own
            errand.wish.contacts,
            source=accepted,
            columns=(RECIPIENT,),
            form=UNKNOWN,
        )
        plan = make_plan(
            self.client,
            self.ledger,
            replace(errand.wish, contacts=contacts),
            now=self.now(),
            path=errand.plan_path,
            played=played,
        ).plan
        with whole(errand.folder / KEPT, private=False) as file:
            json.dump(inputs, file, indent=1)
        self.tell("plan", f"{plan.campaign}: {_counted(plan)}, {errand.plan_path}")
        return plan

    def _uploaded(self) -> Heard:
        """Prepare and upload the recording, and prove what will be heard."""
        errand = self.errand
        prepared = examined(
            prepare_with, str(errand.recording), errand.folder, errand.treatment
        )
        if prepared.artefacts is None:
            raise _rejected(prepared)
        self.tell("prepare", f"{prepared.artefacts.prepared} is what they will hear")
        content = Uploader(self.client).create_content(prepared)
        self.tell("upload", str(content.url_encoded))
        played = heard_of(self.client, content, errand.wish.contacts.media)
        if not played.is_verified:
            fact = f"{errand.recording}: {played.doubt}"
            raise RefusedError(f"{fact}; nothing was planned")
        self.tell("verify", "the platform stored what was prepared, code for code")
        return played

    def _checked(self) -> Path:
        """Judge the recording and the list; return who can be called."""
        errand = self.errand
        result = examined(check_with, str(errand.recording), errand.treatment)
        if not result.verdict.is_fit:
            raise _rejected(result)
        found = check_contacts(errand.wish.contacts, errand.folder)
        self.refused = found.tally.refused
        seconds = result.measurements.duration_s or 0.0
        why = f" ({errand.folder}/rejected.csv says why not)" if self.refused else ""
        people = f"{found.tally.accepted:,} of {found.tally.rows:,} contacts"
        fit = str(result.verdict).replace("_", " ")
        self.tell("check", f"{fit}, {seconds:.1f} s; {people} can be called{why}")
        for told in _remarks(found):
            self.tell("check", told)
        return errand.folder / "accepted.csv"

    def _kept(self) -> dict[str, str] | None:
        """Return what the plan in the folder was made of."""
        try:
            told = json.loads((self.errand.folder / KEPT).read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise SettingsError(
                f"{self.errand.folder / KEPT} can't be read; choose another folder"
            ) from error
        is_there = self.errand.plan_path.exists() and isinstance(told, dict)
        return told if is_there else None

    def _rows(self, plan: Plan) -> list[Mailed]:
        every = self.ledger.calls.mailings(self.client.account, plan.campaign)
        return [row for row in every if not row.is_test]

    def _is_current(self, plan: Plan) -> bool:
        """Say whether a plan can still be sent as it is; one begun always goes on."""
        if not all(row.state in UNSENT for row in self._rows(plan)):
            return True
        try:
            self.caller(plan).check_times()
            self.caller(plan).check_people()
        except SettingsError:
            return False
        return True

    def _check_unsent(self, plan: Plan) -> None:
        """Let a plan be replaced only where nobody was called by it."""
        sent = {CallState.ORDERED, *DOUBTFUL}
        if any(row.state in sent for row in self._rows(plan)):
            raise SettingsError(
                f"{self.errand.folder} holds {plan.campaign!r}, which was sent of "
                "another recording, list or options: run it with those again to go "
                "on, or begin another campaign with -o FOLDER"
            )


def _remarks(found: Checked) -> Iterator[str]:
    """Say what of a list a person may have meant otherwise."""
    columns = found.columns
    if found.tally.proposals:
        yield f"{found.tally.proposals:,} more could be called with --repair"
    if columns.optouts:
        named = ", ".join(columns.named(columns.optouts))
        yield f"who has a yes in {named!r} is left out"
    elif not columns.permissions and len(columns.titles) > len(columns.numbers):
        yield "no column of the list says who must not be called"
    if columns.others:
        others = ", ".join(columns.named(columns.others))
        yield f"numbers stand in {others!r} too; only {columns.title!r} is called"
    if found.hidden:
        yield f"{found.hidden:,} rows are hidden in the spreadsheet, and are read too"


def _counted(plan: Plan) -> str:
    some = "" if len(plan.parts) == 1 else "s"
    return f"{plan.calls:,} calls in {len(plan.parts):,} mailing{some}"


def _ordered(rows: list[Mailed]) -> list[int]:
    return [row.number for row in rows if row.state is CallState.ORDERED]


def _rejected(result: Any) -> RejectedError:
    finding = (result.errors or result.findings)[0]
    words = f"{result.path}: {finding.message}. {finding.remedy}".strip()
    needed = [each.fix for each in result.errors]
    if needed and None not in needed:  # as `mending_command` of the command line
        fixes = ",".join(sorted({str(fix) for fix in needed}))
        words = f"{words} Here: `voiceprep campaign run … --fix {fixes}`."
    return RejectedError(words, findings=result.findings)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
