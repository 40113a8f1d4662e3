"""Campaigns' sheets: figures as they were given, text inert, nothing from outside."""

import hashlib
import re
import tomllib
from base64 import b64encode
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pages import Reader

from voiceprep.campaign.windows import DATA
from voiceprep.report import (
    About,
    Approval,
    Digests,
    Group,
    Language,
    Lot,
    Proof,
    Tally,
    proof_page,
    proof_text,
    tally_page,
)
from voiceprep.report.charts import by_time, columns, row
from voiceprep.report.sheet_words import SHEET_WORDS

MADE = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)
NASTY = '<img src=x onerror="alert(1)">\'"&amp;</script>\u202egpm.exe\n'
SHA = "a" * 64
# The vendor's example (R42): 90224 of 98973 is 91.16.
COUNTS = {"ok": 90_224, "ko": 8_000, "no": 749, "on": 0, "wait": 0}


def about(place="Relance [vp-7K2Q]", language=Language.EN):
    return About(place, MADE, "9.9", language)


def tally(**fields):
    given = {
        "about": about(),
        "is_sandbox": False,
        "counts": COUNTS,
        "deliverability": 91.16,
        "optouts": 12,
        "reasons": {"voice busy": 6_000, "voice no answer": 2_000},
        "hours": {
            "2026-03-12 10:00": {"ok": 60_000, "ko": 8_000},
            "2026-03-12 12:00": {"ok": 30_224, "no": 749},
        },
        "zone": "Europe/Paris",
        "mailings": (Lot("42", COUNTS),),
        **fields,
    }
    return Tally(**given)


def proof(**fields):
    given = {
        "about": about(),
        "media": "VOICEMAIL",
        "link": "https://files.example/a.pcm",
        "content_sha256": SHA,
        "seconds": 13.3,
        "preview": "relance.preview.wav",
        "sound": "data:audio/wav;base64,UklGRg==",
        "window": "fr-weekdays",
        "groups": (
            Group("reunion", MADE, MADE.replace(hour=13), 1, 120),
            Group("metropolitan", None, None, 2, 1_880),
        ),
        "skipped": {"optout": 3, "letter": 2, "short": 1},
        "decisions": (),
        "zone": "Europe/Paris",
        "seal": "b" * 64,
        **fields,
    }
    return Proof(**given)


def decision(approved=True, name="Ana", comment=""):
    return Approval("a.wav", Digests(SHA, SHA), approved, name, MADE, comment)


PAGES = {
    "tally": lambda **f: tally_page(tally(**f)),
    "proof": lambda **f: proof_page(proof(**f)),
}


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<body>")[2]))


@pytest.mark.parametrize("kind", PAGES)
def test_a_sheet_is_whole_closes_every_door_and_points_nowhere(kind):
    html = PAGES[kind]()
    page = Reader(html)
    assert page.open == []
    content = page.one("meta", **{"http-equiv": "Content-Security-Policy"})["content"]
    rules = dict(part.split(" ", 1) for part in content.split("; "))
    style = page.one("style")["text"]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'sha256-{digest}'"
    assert "script-src" not in rules
    assert page.all("script") == page.all("link") == []
    links = [e[k] for e in page.elements for k in ("src", "href") if e.get(k)]
    assert all(link.startswith("data:") for link in links)
    assert not any(k.startswith("on") or k == "style" for e in page.elements for k in e)


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("language", list(Language))
def test_what_others_wrote_is_text_and_nothing_else(kind, language):
    hostile = {"about": about(NASTY, language)}
    if kind == "tally":
        hostile |= {"reasons": {NASTY: 1}, "mailings": (Lot(NASTY, COUNTS),)}
    else:
        hostile |= {"link": NASTY, "preview": NASTY, "window": NASTY}
        hostile["decisions"] = (decision(name=NASTY, comment=NASTY),)
    html = PAGES[kind](**hostile)
    page = Reader(html)
    assert page.open == []
    assert page.all("img") == page.all("script") == []
    assert "&lt;img src=x" in html
    assert "\u202e" not in html


@pytest.mark.parametrize("render", [proof_page, proof_text])
def test_a_proof_says_the_calling_hours_and_warns_of_none(render):
    assert "fr-weekdays" in render(proof())
    said = render(proof(window="any"))
    assert "at any hour: nights, Sundays and holidays too" in said
    said = render(proof(window="any", about=about(language=Language.FR)))
    assert "nuits, dimanches et jours fériés" in said


@pytest.mark.parametrize("render", [proof_page, proof_text])
def test_digits_that_no_person_reads_come_after_what_they_do(render):
    said = render(proof())
    assert said.index("relance.preview.wav") < said.index(SHA)
    assert said.index("https://files.example/a.pcm") < said.index(SHA)


@pytest.mark.parametrize("render", [proof_page, proof_text])
def test_when_a_sheet_was_made_is_said_with_its_clock(render):
    made = datetime(2026, 11, 29, 16, 52, tzinfo=ZoneInfo("Europe/Paris"))
    said = render(proof(about=About("Relance", made, "9.9", Language.FR)))
    assert "29 nov. 2026, 16:52 (Europe/Paris)" in said.replace("\xa0", " ")


@pytest.mark.parametrize("render", [proof_page, proof_text])
def test_who_a_given_list_leaves_out_is_not_said_to_have_opposed(render):
    fields = {"skipped": {"suppressed": 61}}
    assert "on a list to leave out, given with --suppress" in render(proof(**fields))
    french = render(proof(**fields, about=about(language=Language.FR)))
    assert "sur une liste à exclure, fournie avec --suppress" in french
    assert "opposition" not in french


def test_every_figure_of_a_tally_stands_on_its_page():
    said = text_of(tally_page(tally()))
    for figure in ("91.16 %", "90,224 of 98,973 calls", "8,000", "749", "6,000"):
        assert figure in said.replace("\xa0", " ")
    assert "asked for no more calls: 12" in said
    assert "the highest holds 68,000 calls" in said
    assert "neither success nor failure" in said
    assert "2026-03-12 12:00" in said
    assert "Sandbox" not in said


def test_the_platforms_reasons_are_said_in_plain_words_where_they_are_known():
    reasons = {"voice busy": 3, "voicemail full": 2, "code 17": 1}
    french = tally(reasons=reasons, about=about(language=Language.FR))
    said = text_of(tally_page(french))
    for words in ("la ligne était occupée", "le répondeur était plein", "voice busy"):
        assert words in said
    assert "the line was busy" in text_of(tally_page(tally(reasons=reasons)))


def test_a_sandbox_is_named_and_no_call_has_no_percentage():
    said = text_of(tally_page(tally(is_sandbox=True)))
    assert "Sandbox: nobody was really called." in said
    nothing = dict.fromkeys(COUNTS, 0)
    empty = tally(
        counts=nothing, deliverability=None, reasons={}, hours={}, mailings=()
    )
    said = text_of(tally_page(empty))
    assert "no calls yet" in said
    assert "%" not in said
    assert "No call has failed." in said


def test_french_writes_figures_as_french_does():
    html = tally_page(tally(about=about(language=Language.FR)))
    assert "91,16\xa0%" in html
    assert "90\u202f224 sur 98\u202f973 appels" in html


def test_a_proof_says_what_when_how_many_and_who():
    page = proof_page(proof(decisions=(decision(comment="bien"),)))
    said = text_of(page).replace("\xa0", " ")
    for words in (
        *("Voicemail", "13.3 s", SHA, "2,000 calls to 2,000 people, in 3 mailings"),
        *(
            "Réunion",
            "Metropolitan France",
            "at once",
            "Ana",
            "approved",
            "bien",
            "b" * 64,
        ),
        *("asked for no more calls", "a number that can’t be called"),
    ):
        assert words in said
    assert "No decision" not in said


def test_a_rejection_and_what_nobody_verified_cannot_be_overlooked():
    said = text_of(proof_page(proof(decisions=(decision(approved=False),))))
    assert "REJECTED" in said
    said = text_of(proof_page(proof(content_sha256="", decisions=())))
    assert "Not verified: nobody has proved what this link plays." in said
    assert "No decision about these very bytes was given." in said


@pytest.mark.parametrize("language", list(Language))
def test_the_text_of_a_proof_says_what_its_page_says(language):
    told = proof(about=about(language=language), decisions=(decision(),))
    text = proof_text(told)
    page = text_of(proof_page(told))
    for figure in (SHA, "b" * 64, "Ana", "Réunion", "relance.preview.wav"):
        assert figure in text
        assert figure in page
    assert len(text.splitlines()) < 60  # one page of a printer
    assert max(map(len, text.splitlines())) <= 120


def test_every_word_has_both_languages_and_the_same_placeholders():
    for key, (english, french) in SHEET_WORDS.items():
        slots = [sorted(re.findall(r"\{\w+\}", text)) for text in (english, french)]
        assert slots[0] == slots[1], key
        assert english
        assert french


def test_every_territory_of_the_windows_has_a_name():
    with DATA.open("rb") as file:
        territories = tomllib.load(file)["territories"]
    assert {f"place.{name}" for name in territories} <= SHEET_WORDS.keys()
    own = Group("Chez <nous>", None, None, 1, 1)
    assert "Chez &lt;nous&gt;" in proof_page(proof(groups=(own,)))


# Charts


def test_a_bar_is_divided_as_its_counts_are():
    blocks = row({"ok": 1, "ko": 2, "no": 0, "on": 3})
    assert [(b.kind, b.width) for b in blocks] == [
        ("ok", 100.0),
        ("ko", 200.0),
        ("on", 300.0),
    ]
    assert sum(b.width for b in blocks) == 600
    assert row({"ok": 0}) == ()


def test_hours_without_calls_have_a_place_and_long_campaigns_are_shown_by_day():
    hours = {"2026-03-12 10:00": {"ok": 1}, "2026-03-12 13:00": {"ko": 1}}
    assert [len(told) for told in (by_time(hours), by_time({}))] == [4, 0]
    assert by_time({**hours, "no time given": {"ok": 5}}) == by_time(hours)
    month = {f"2026-03-{day:02} 10:00": {"ok": day} for day in range(1, 31)}
    told = by_time(month)
    assert next(iter(told)) == "2026-03-01"
    assert len(told) == 30
    assert sum(counts["ok"] for counts in told.values()) == sum(range(1, 31))
    assert columns(told, ("ok",)).is_by_day


def test_columns_are_as_high_as_their_counts_and_stay_in_the_drawing():
    told = {"2026-03-12 10:00": {"ok": 3, "ko": 1}, "2026-03-12 11:00": {"ok": 2}}
    chart = columns(told, ("ok", "ko"))
    assert [(b.kind, b.height) for b in chart.blocks] == [
        ("ok", 120.0),
        ("ko", 40.0),
        ("ok", 80.0),
    ]
    for block in chart.blocks:
        assert 0 <= block.x <= block.x + block.width <= 600
        assert 0 <= block.y <= block.y + block.height <= 160
    assert [text for _, text in chart.labels] == ["10:00", "11:00"]
