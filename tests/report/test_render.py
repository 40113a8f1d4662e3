"""A page holds what it was given, as text, and closes every door behind it."""

import base64
import hashlib
import json
import re

import numpy as np
import pytest
from pages import note, recording, sound

from voiceprep.report import (
    Absence,
    Change,
    Form,
    Language,
    Level,
    Part,
    Standing,
    ink,
)
from voiceprep.report.diagnoses import DIAGNOSES

NASTY = '<img src=x onerror="alert(1)">\'"&amp;</script>\u202egpm.exe\udce9\n.wav'


def policy(page):
    content = page.one("meta", **{"http-equiv": "Content-Security-Policy"})["content"]
    return dict(part.split(" ", 1) for part in content.split("; "))


def digest(text):
    raw = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(raw).decode()}'"


def test_all_elements_close_in_order_and_the_page_ends_whole(make, read):
    page = read(make(recording(), recording(notes=(note(spans=((1.0, 2.0),)),))))
    assert page.open == []
    assert page.comments == []


def test_policy_allows_exactly_the_style_and_the_script_of_the_page(make, read):
    page = read(make(recording()))
    rules = policy(page)
    style, (script,) = page.one("style"), page.all("script", type=None)
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == digest(style["text"])
    assert rules["script-src"] == digest(script["text"])
    assert "unsafe" not in " ".join(rules.values())


def test_nothing_in_the_page_points_outside(make, read):
    page = read(make(recording(), recording(notes=(note(),))))
    links = [e[k] for e in page.elements for k in ("src", "href") if e.get(k)]
    assert links
    for link in links:
        assert link.startswith(("./", "../", "data:image/png;base64,", "#")), link
    assert not re.search(r"https?://", make(recording()))


def test_no_element_bears_a_handler_or_a_style_of_its_own(make, read):
    page = read(make(recording(notes=(note(spans=((1.0, 2.0),)),))))
    names = {name for element in page.elements for name in element}
    assert not [name for name in names if name.startswith("on")]
    assert "style" not in names


@pytest.mark.parametrize("language", list(Language))
def test_names_and_sentences_are_text_whatever_they_hold(make, read, language):
    notes = (
        note("clipping", message=NASTY, remedy=NASTY, value=NASTY),
        note("made_up_code", message=NASTY, remedy=f"`{NASTY}`"),
        note(NASTY),
    )
    odd = recording(NASTY, notes=notes, original=sound(form=Form(NASTY)))
    html = make(odd, recording("b.wav"), language=language, place=NASTY)
    html.encode("utf-8")  # no lone surrogate is left
    page = read(html)
    assert page.all("img") == []
    assert len(page.all("script")) == 2
    assert page.open == []
    assert "\u202e" not in html
    assert "<img src=x" in page.one("p", **{"class": "path"})["text"]


def test_the_record_of_a_card_holds_the_path_to_the_byte(make, read):
    card = read(make(recording(NASTY))).one("article")
    record = json.loads(card["data-record"])
    assert record == {
        "path": NASTY,
        "sha256": {"alaw": "a" * 64, "prepared": "b" * 64},
    }


def test_a_card_shows_both_sounds_and_their_two_players(make, read):
    page = read(make(recording()))
    players = [(e["class"], e["src"], e["preload"]) for e in page.all("audio")]
    assert players == [
        ("original", "../in/a.wav", "none"),
        ("phone", "./a.wav", "none"),
    ]
    assert len(page.all("path", **{"class": "outline"})) == 2
    assert len(page.all("image")) == 2


@pytest.mark.parametrize("absence", list(Absence))
@pytest.mark.parametrize("language", list(Language))
def test_a_sound_that_cannot_be_played_says_why(make, read, absence, language):
    lost = sound(link=None, absence=absence)
    page = read(make(recording(original=lost), language=language))
    assert [e["class"] for e in page.all("audio")] == ["phone"]
    assert page.one("p", **{"class": "trouble"})["text"].strip()
    assert "disabled" in page.one("button", role="switch")


def test_a_refused_recording_leaves_nothing_to_decide(make, read):
    refused = recording(
        standing=Standing.REFUSED,
        phone=sound(link=None, absence=Absence.UNPREPARED, outline="", seconds=0),
        digests=None,
        notes=(note("too_short", "error"),),
    )
    page = read(make(refused))
    assert page.all("button", **{"class": "approve"}) == []
    assert "Refused" in page.one("article")["text"]


def test_marks_stand_at_their_seconds_in_both_waveforms(make, read):
    spans = ((3.0, 6.0), (11.99, 12.0))
    page = read(make(recording(notes=(note(spans=spans),))))
    marks = page.all("path", **{"class": "mark warning"})
    boxes = "M150 -100h150v200h-150zM597 -100h3v200h-3z"
    assert [(m["d"], m["data-at"]) for m in marks] == [(boxes, "3 11.99")] * 2
    places = page.all("button", **{"class": "place"})
    assert [(b["text"], b["data-at"]) for b in places] == [
        ("0:03.0", "3.0"),
        ("0:11.9", "11.99"),
    ]


def test_many_places_are_counted_not_listed(make, read):
    spans = tuple((n / 100, n / 100 + 0.005) for n in range(1000))
    page = read(make(recording(notes=(note(spans=spans),))))
    assert len(page.all("button", **{"class": "place"})) == 8
    assert page.one("span", **{"class": "more"})["text"] == "and 992 more"


def test_a_noisy_recording_with_all_findings_weighs_less_than_60_kb(make):
    spans = tuple((n / 10, n / 10 + 0.005) for n in range(100))
    notes = tuple(note(code, spans=spans) for code in ("clipping", "dropout", "hum"))
    whole, empty = make(recording(notes=notes)), make()
    assert len(whole.encode()) - len(empty.encode()) < 60_000  # Done-when 7


def test_time_is_the_originals_where_silence_was_cut_from_the_phones(make, read):
    cut = recording(
        original=sound("../in/a.wav", 12.0),
        phone=sound("./a.wav", 8.5),
        cuts=((0.0, 3.0), (6.0, 6.5)),
    )
    card = read(make(cut)).one("article")
    assert json.loads(card["data-cuts"]) == [[0.0, 3.0], [6.0, 6.5]]
    assert card["data-seconds"] == "12.0"
    padded = recording(original=sound(seconds=9.9), phone=sound(seconds=10.0))
    assert read(make(padded)).one("article")["data-seconds"] == "10.0"


def test_what_was_mended_is_marked_in_the_original_only(make, read):
    mended = note("clipping", "info", spans=((1.0, 2.0),), outcome="mended")
    page = read(make(recording(notes=(mended,))))
    assert len(page.all("path", **{"class": "mark info"})) == 1
    assert "Mended" in page.one("article")["text"]


def test_of_a_refused_recording_nothing_is_mended_yet(make, read):
    mended = note("too_loud", "info", outcome="mended")
    refused = recording(standing=Standing.REFUSED, digests=None, notes=(mended,))
    (severity,) = read(make(refused)).all("span", **{"class": "severity"})
    assert severity["text"] == "Would be mended"


def test_what_is_better_left_alone_is_said_where_it_was_mended(make, read):
    mended = note("too_quiet", "info", remedy="`--master off` …", outcome="mended")
    page = read(make(recording(notes=(mended,)), language=Language.FR))
    assert page.all("code")[0]["text"] == "--master off"
    assert "Corrigé" in page.one("article")["text"]


@pytest.mark.parametrize(
    ("heard", "english", "french"),
    [
        (-20.0, "Comfortable", "Confortable"),
        (
            -38.0,
            "12\u00a0dB too quiet for a phone",
            "12\u00a0dB trop faible pour le téléphone",
        ),
        (
            -10.0,
            "6\u00a0dB too loud for a phone",
            "6\u00a0dB trop fort pour le téléphone",
        ),
    ],
)
def test_level_is_said_in_plain_words(make, read, heard, english, french):
    loud = recording(level=Level(heard_dbov=heard))
    for language, said in ((Language.EN, english), (Language.FR, french)):
        page = read(make(loud, language=language))
        assert page.one("p", **{"class": "said"})["text"] == said


@pytest.mark.parametrize("code", DIAGNOSES)
def test_french_says_each_finding_with_its_numbers_beside_it(make, read, code):
    found = note(code, message="english words", remedy="do it", value=9.9, limit=10.0)
    text = read(make(recording(notes=(found,)), language=Language.FR)).one("main")
    known = DIAGNOSES[code]
    assert known.title[1].replace(" ?", "\u202f?") in text["text"]
    assert "english words" not in text["text"]
    said = re.search(r"mesuré\u00a0: (.*) · limite\u00a0: (.*)", text["text"])
    assert bool(said) == bool(known.unit)
    if said:
        value = "990" if known.unit == "%" else "9,9"
        assert said[1] == f"{value}\u00a0{known.unit}"


def test_english_says_a_finding_as_the_rules_do_with_commands_set_off(make, read):
    found = note("too_short", message="9.9 s long", remedy="`--fix duration` adds.")
    page = read(make(recording(notes=(found,))))
    assert "9.9\u00a0s long." in page.one("main")["text"]
    assert page.all("code")[0]["text"] == "--fix duration"


def test_the_sheet_lists_every_recording_with_the_digest_of_what_was_heard(make, read):
    page = read(make(recording("one.wav"), recording("two.wav")))
    rows = page.all("th", scope="row")
    assert [row["text"] for row in rows] == ["one.wav" + "b" * 64, "two.wav" + "b" * 64]


def test_the_summary_counts_what_is_fit_warned_and_refused(make, read):
    kinds = [Standing.FIT, Standing.WARNED, Standing.WARNED, Standing.REFUSED]
    page = read(make(*(recording(standing=kind) for kind in kinds)))
    shown = {b["data-show"]: b["text"] for b in page.all("button") if "data-show" in b}
    counts = {kind: int(text.split()[-1]) for kind, text in shown.items()}
    assert counts == {"all": 4, "fit": 1, "warned": 2, "refused": 1, "open": 4}


def test_every_control_has_a_name(make, read):
    page = read(make(recording(notes=(note(spans=((1.0, 2.0),)),))))
    for button in page.all("button"):
        assert (button.get("aria-label") or button["text"]).strip()
    labelled = {label["for"] for label in page.all("label") if "for" in label}
    for field in page.all("input"):
        assert field.get("id") in labelled or "maxlength" in field


def test_an_empty_page_says_so(make, read):
    assert "no recording" in read(make()).one("main")["text"]


@pytest.mark.parametrize("change", ["mono", "padded", "raised", "limited", "trimmed"])
def test_changes_are_said_with_their_number(make, read, change):
    html = make(recording(changes=(Change(change, 2.5),)))
    section = read(html).one("section", **{"class": "changes"})
    assert "2.5" in section["text"]


def test_folders_that_all_recordings_share_are_said_once(make, read):
    paths = ("/home/ann/in/a.wav", "/home/ann/in/sub/b.wav")
    page = read(make(*map(recording, paths)))
    assert [h["text"] for h in page.all("h2") if h.get("id")] == ["a.wav", "b.wav"]
    assert [p["text"] for p in page.all("p", **{"class": "path"})] == ["sub"]
    assert "/home/ann" not in page.one("main")["text"]


def test_neighbouring_pages_are_linked_at_both_ends(make, read):
    part = Part(2, 501, "./report.html", "./report-3.html")
    page = read(make(recording(), part=part))
    links = [a["href"] for a in page.all("a") if a["href"].startswith("./")]
    assert links == ["./report.html", "./report-3.html"] * 2
    assert page.one("article")["id"] == "r501"
    assert read(make(recording())).all("nav") == []


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (10.0, ["0:00", "0:02", "0:04", "0:06", "0:08"]),
        (0.5, ["0:00"]),
        (
            7_200.0,
            ["0:00", "15:00", "30:00", "45:00", "60:00", "75:00", "90:00", "105:00"],
        ),
    ],
)
def test_the_axis_of_time_has_round_steps_and_room_between_them(
    make, read, seconds, labels
):
    page = read(
        make(recording(original=sound(seconds=seconds), phone=sound(seconds=0.1)))
    )
    marks = page.all("text")
    assert [mark["text"] for mark in marks] == labels
    places = [float(mark["x"].rstrip("%")) for mark in marks]
    assert places[0] == 0
    assert all(0 <= place <= 96 for place in places)


def test_silence_is_drawn_as_nothing():
    import io

    from PIL import Image

    link = ink(np.full((64, 300), -120, np.float32))
    image = Image.open(io.BytesIO(base64.b64decode(link.partition(",")[2])))
    assert image.convert("RGBA").getchannel("A").getextrema() == (0, 0)


def test_an_empty_page_offers_nothing_to_decide(make, read):
    page = read(make())
    hidden = [
        e for e in page.elements if "hidden" in e and e["tag"] in {"div", "section"}
    ]
    assert [e["class"] for e in hidden] == ["signing", "bar", "by-keys"]
