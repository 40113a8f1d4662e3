"""Make pages of values, and read them."""

from datetime import UTC, datetime

import pytest
from pages import Reader

from voiceprep.report import About, Language, Page, Part, render

MADE = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)


@pytest.fixture
def make():
    """Make a page of recordings; return its HTML."""

    def html(*recordings, language=Language.EN, place="out", part=None):
        return render(
            Page(About(place, MADE, "9.9", language), recordings, part or Part())
        )

    return html


@pytest.fixture
def read():
    return Reader
