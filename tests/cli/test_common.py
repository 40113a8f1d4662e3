"""Work on many recordings: what one fails of costs that one only."""

import pytest

from voiceprep.cli.common import Failure, over
from voiceprep.errors import AuthError, LedgerError, SettingsError, UnavailableError


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    "error",
    [
        SettingsError("its artefacts would replace it"),
        LedgerError("the ledger is locked"),
        UnavailableError("503"),
        OSError(28, "No space left on device"),
    ],
)
def test_an_error_of_ours_or_of_the_disk_costs_its_own_item_only(error, jobs):
    def work(item):
        if item == "b.wav":
            raise error
        return item.upper()

    items = ["a.wav", "b.wav", "c.wav"]
    done = [outcome for _, outcome in over(items, work, str, jobs)]
    assert done == ["A.WAV", Failure("b.wav", error), "C.WAV"]


def test_refused_credentials_end_the_work():
    def work(item):
        raise AuthError(item)

    (only,) = over(["a.wav", "b.wav"], work, str, 1)
    assert str(only[1].error) == "a.wav"


def test_what_is_a_fault_of_the_program_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        list(over([0], lambda item: 1 / item, str, 1))
