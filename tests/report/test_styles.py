"""Pages share their colours: each is written once, and each that is used is there."""

import re
from pathlib import Path

import pytest

import voiceprep.report
from voiceprep.report.paper import style_of

ASSETS = Path(voiceprep.report.__file__).parent / "assets"
OWN = ("page.css", "sheet.css")
SET = re.compile(r"^ *(--[a-z-]+): *([^;]+);", re.MULTILINE)
USED = re.compile(r"var\((--[a-z-]+)\)")


def values(name):
    return SET.findall((ASSETS / name).read_text())


@pytest.mark.parametrize("name", OWN)
def test_a_page_sets_no_colour_that_all_share(name):
    shared = {each for each, _ in values("colours.css")}
    assert {each for each, _ in values(name)} & shared <= {"--gap"}  # none on paper


def test_no_two_pages_set_the_same_value_of_one_name():
    assert set(values("page.css")) & set(values("sheet.css")) == set()


@pytest.mark.parametrize("name", OWN)
def test_each_colour_that_a_page_uses_is_set(name):
    style = style_of(name)
    used, given = set(USED.findall(style)), {each for each, _ in SET.findall(style)}
    assert used - given == set()
    assert "--ink" in used
