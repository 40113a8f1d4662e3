"""docs/sound.md says what the tables of rules say: code for code, limit for limit."""

import re
from pathlib import Path

import pytest

from voiceprep.audio.downmix import DEAD_GAP_DB
from voiceprep.audio.dropout import LEAST_MS, MOST_MS
from voiceprep.audio.finding import Severity
from voiceprep.audio.hum import LINES_HZ
from voiceprep.audio.limits import Limits
from voiceprep.audio.rule import Above, Under
from voiceprep.audio.rules import ACCEPTABLE
from voiceprep.audio.sound_rules import HEARING_RULES, SOUND_RULES

DOC = Path(__file__).resolve().parents[2] / "docs" / "sound.md"
RULES = (*HEARING_RULES, *SOUND_RULES)
COLUMNS = {Severity.WARNING: 3, Severity.ERROR: 4}
# Their limits are no fields of `Limits`.
ELSEWHERE = {"silent_channel": DEAD_GAP_DB, "dropout": 1}


@pytest.fixture(scope="module")
def text():
    return DOC.read_text(encoding="utf-8").replace("−", "-")


@pytest.fixture(scope="module")
def table(text):
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.MULTILINE)
    cells = {code: [code, *map(str.strip, rest.split("|"))] for code, rest in rows}
    return {code: row for code, row in cells.items() if len(row) == 7}


def limit_of(rule):
    field = rule.found.limit if isinstance(rule.found, (Above, Under)) else rule.limit
    return ELSEWHERE[rule.code] if field is None else getattr(Limits(), field)


def test_every_rule_about_the_sound_has_its_row_and_none_is_made_up(table):
    assert set(table) == {rule.code for rule in RULES}


@pytest.mark.parametrize("rule", [r for r in RULES if r.severity in COLUMNS])
def test_a_rule_has_the_limit_that_the_document_says(table, rule):
    said = table[rule.code][COLUMNS[rule.severity]]
    assert re.findall(r"-?[\d.]+", said) == [f"{limit_of(rule):g}"]


def test_the_document_warns_and_refuses_where_the_rules_do(table):
    for severity, column in COLUMNS.items():
        said = {code for code, row in table.items() if row[column]}
        assert said == {rule.code for rule in RULES if rule.severity is severity}


def test_the_repairs_are_those_of_the_rules(table):
    for code, row in table.items():
        fixes = {f"--fix {r.fix}" for r in RULES if r.code == code and r.fix}
        assert set(re.findall(r"--fix \w+", row[6])) == fixes


def test_second_limits_stand_in_their_rows(table):
    limits = Limits()
    assert f"under {limits.correlation_warn:g}" in table["phase_cancellation"][1]
    assert f"over {limits.hum_over_db:g} dB" in table["hum"][1]


def test_what_a_person_can_not_overrule_is_said(text):
    never = {rule.code for rule in RULES} - set(ACCEPTABLE)
    (said,) = re.findall(r"overrule all of these but `(\w+)`", text)
    assert never == {said}


def test_numbers_in_the_text_are_those_of_the_measures(text):
    assert f"of {LEAST_MS} to {MOST_MS} ms" in text
    assert "{}, {}, {}, {}, {} or {} Hz".format(*LINES_HZ) in text
    limits = Limits()
    assert f"{limits.least_dbov:g}…{limits.most_dbov:g} dBov" in text
    assert f"brings it to {limits.target_dbov:g}" in text
    assert f"peaks over {limits.ceiling_dbfs:g} dBFS" in text
    assert f"raises by over {limits.most_gain_db:g} dB" in text
