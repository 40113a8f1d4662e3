"""What tests of calls share: plans of few people, and the sandbox's judgement."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from voiceprep.campaign.plan import Order, planned
from voiceprep.campaign.windows import Calendar

CREATE = {"method": "POST", "path": "/rest/mailings"}
# A mailing for each territory, so that three parts need but a few people.
PEOPLE = (
    *(f"+3363998{n:04}" for n in range(10, 14)),
    *(f"+26269200{n:04}" for n in range(10, 13)),
    *(f"+59669600{n:04}" for n in range(10, 12)),
)


def plan(people=PEOPLE, at=None, window="any", **order):
    usual = {
        "name": "Relance",
        "media": "VOICE",
        "link": "http://127.0.0.1/a.wav",
        "type": "wav",
    }
    wanted = Order(**{**usual, **order}, at=at, window=window)
    now = datetime.now(UTC) if at is None else at - timedelta(hours=1)
    return planned(wanted, people, Calendar.load(), now=now)


def called(box, name=None):
    """Count how often each number is called, whoever asks."""
    truth = box.truth()
    ids = {
        row["id"] for row in truth["mailings"] if name is None or row["name"] == name
    }
    messages = truth["messages"]
    return Counter(row["recipient"] for row in messages if row["mailing_id"] in ids)


def once(people=PEOPLE):
    return Counter(dict.fromkeys(people, 1))
