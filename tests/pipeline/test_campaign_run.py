"""Runs of campaigns that share a folder: each calls its own list."""

from threading import Thread

import pytest

from voiceprep.pipeline.campaign_run import Course, Errand
from voiceprep.pipeline.contacts import Asked
from voiceprep.pipeline.plans import Wish
from voiceprep.pipeline.treatment import Treatment

FIRST, SECOND = "+33639980011", "+33639980022"


@pytest.fixture
def course(tmp_path, client, ledger, caller, record):
    """Run a campaign of one number, in the folder that all of them have."""
    (recording,) = record(1)

    def make(number, tell=lambda *_: None):
        listed = tmp_path / f"{number}.csv"
        listed.write_text(f"tel\n{number}\n")
        asked = Asked(str(listed), "VOICEMAIL")
        wish = Wish(content="", contacts=asked, name="Relance", at=None, window="any")
        errand = Errand(
            recording=recording,
            wish=wish,
            treatment=Treatment(),
            folder=tmp_path / "relance.campaign",
        )
        return Course(errand, client, ledger, caller, tell)

    return make


def people(plan):
    return [one for part in plan.parts for one in part.recipients]


def test_two_runs_in_one_folder_at_once_plan_each_its_own_list(course):
    second, plans = course(SECOND), []
    other = Thread(target=lambda: plans.append(second.plan()))

    def tell(step, _):
        if step == "check":  # the first has written whom it calls, and uploads next
            other.start()
            other.join(2.0)

    assert people(course(FIRST, tell).plan()) == [FIRST]
    other.join()
    assert [people(plan) for plan in plans] == [[SECOND]]
    assert people(course(SECOND).plan()) == [SECOND]  # as the folder has it
