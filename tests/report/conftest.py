"""Make pages of values, and read them."""

from datetime import UTC, datetime

import pytest
from pages import Reader

from voiceprep.report import Language, Page, render

MADE = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)


@pytest.fixture
def make():
    """Make a page of recordings; return its HTML."""

    def html(*recordings, language=Language.EN, place="out"):
        return render(Page(place, MADE, "9.9", recordings), language)

    return html


@pytest.fixture
def read():
    return Reader
