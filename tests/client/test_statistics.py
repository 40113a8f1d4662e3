"""Statistics: read, added up, and the one percentage (R35, R42)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceprep.client import Stats
from voiceprep.client.stats import parse_stats
from voiceprep.errors import ContractError, RefusedError

MAILINGS = "/rest/mailings"


def test_r42_the_mailings_of_one_name_are_added_up_page_by_page(platform, client, say):
    pages = [
        say.rows(
            *(
                say.mailing(id=str(n), stats=say.stats(total=3, ok=2, ko=1))
                for n in range(start, min(start + 100, 130))
            )
        )
        for start in (0, 100)
    ]
    platform.says(f"GET {MAILINGS}", *pages)
    total = client.stats.total(name="Relance mars")
    assert total == Stats(total=390, ok=260, ko=130)
    assert total.deliverability == 66.67
    (first, _) = platform.calls(MAILINGS)
    assert first.query["name"] == ["Relance mars"]
    assert first.query["properties"] == ["DEFAULT,stats"]


def test_r35_other_names_that_the_filter_lets_through_are_not_counted(
    platform, client, say
):
    counted = say.mailing(id="1", stats=say.stats(total=1, ok=1))
    others = [
        say.mailing(id=str(n), name=name, stats=say.stats(total=100, ok=100))
        for n, name in enumerate(("Relance mars 2", "relance mars", None), 2)
    ]
    platform.says(f"GET {MAILINGS}", say.rows(counted, *others))
    assert client.stats.total(name="Relance mars").total == 1


def test_a_mailing_that_slips_onto_the_next_page_is_counted_once(platform, client, say):
    first = [say.mailing(id=str(n), stats=say.stats(total=1, on=1)) for n in range(100)]
    platform.says(f"GET {MAILINGS}", say.rows(*first), say.rows(first[-1]))
    assert client.stats.total(name="Relance mars").total == 100


def test_statistics_are_read_by_id_too(platform, client, say):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing()))
    (mailing,) = client.stats.read(id="42")
    assert mailing.stats.wait == 3


def test_of_no_mailing_the_statistics_are_empty(platform, client, say):
    platform.says(f"GET {MAILINGS}", say.rows())
    assert client.stats.total(name="x") == Stats()
    assert client.stats.total(id=[]) == Stats()


def test_statistics_of_nothing_in_particular_are_not_asked_for(platform, client):
    with pytest.raises(RefusedError, match="by id or by name"):
        client.stats.total()
    assert platform.seen == []


def test_a_mailing_without_stats_is_not_counted_as_none(platform, client, say):
    platform.says(f"GET {MAILINGS}", say.rows({"id": "42", "name": "a"}))
    with pytest.raises(ContractError, match="mailing 42 came without stats"):
        client.stats.total(name="a")


def test_r42_counts_are_read_as_numbers_and_as_strings(say):
    read = parse_stats({**say.stats(total="3", ok="2", ko=1), "clicks": 4})
    assert (read.total, read.ok, read.ko, read.no) == (3, 2, 1, 0)
    assert read.extra == {"clicks": 4}


def test_r42_optout_and_rep_may_be_absent():
    states = {"wait": 0, "on": 0, "ok": 1, "ko": 0, "no": 0}
    read = parse_stats(states)
    assert (read.total, read.optout, read.rep) == (1, 0, 0)


@pytest.mark.parametrize("word", ["wait", "on", "ok", "ko", "no"])
def test_a_state_that_is_missing_is_not_guessed_to_be_0(say, word):
    counts = say.stats()
    del counts[word]
    with pytest.raises(ContractError, match=f"lack {word}"):
        parse_stats(counts)


@pytest.mark.parametrize("value", [[], "3", 3, {"ok": "many"}])
def test_stats_of_another_kind_break_the_contract(value):
    with pytest.raises(ContractError):
        parse_stats(value)


def test_r42_no_is_neither_success_nor_failure():
    stats = Stats(total=4, ok=2, no=2)
    assert (stats.ko, stats.deliverability) == (0, 50.0)


@pytest.mark.parametrize(
    ("ok", "total", "percentage"),
    [
        (2, 3, 66.67),
        (1, 3, 33.33),
        (0, 3, 0.0),
        (3, 3, 100.0),
        (1, 800, 0.13),  # 0.125: half goes up
        (999_999, 1_000_000, 100.0),
        (0, 0, None),
    ],
)
def test_r42_deliverability_has_two_decimals(ok, total, percentage):
    assert Stats(total=total, ok=ok).deliverability == percentage


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_deliverability_is_the_nearest_hundredth(ok, total):
    said = Fraction(str(Stats(total=total, ok=ok).deliverability))
    assert abs(said - Fraction(100 * ok, total)) <= Fraction(1, 200)


COUNTS = st.builds(Stats, *[st.integers(0, 1_000)] * 8)


@given(COUNTS, COUNTS, COUNTS)
def test_adding_up_takes_any_order(one, two, three):
    assert one + two == two + one
    assert (one + two) + three == sum((three, two, one), Stats())


def test_json_carries_the_deliverability_beside_the_counts():
    assert Stats(total=3, ok=2, ko=1).as_json() == {
        "total": 3,
        "wait": 0,
        "on": 0,
        "ok": 2,
        "ko": 1,
        "no": 0,
        "optout": 0,
        "rep": 0,
        "deliverability": 66.67,
    }
