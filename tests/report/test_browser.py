"""The page in Chromium, from file://: Done-when 6 of issue 4.

With CI set a missing browser is a failure; else these are skipped by name. What is
seen is written to out/screenshots, to be looked at.
"""

import hashlib
import json
import os
import re
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from pages import recording, with_silences
from playwright.sync_api import expect, sync_playwright

from voiceprep.audio.rules import FIXES
from voiceprep.pipeline.drawing import draw
from voiceprep.pipeline.exhibits import Exhibit
from voiceprep.pipeline.pages import write_pages
from voiceprep.pipeline.recording import check, prepare_with
from voiceprep.pipeline.treatment import Treatment
from voiceprep.report import About, Digests, Language, Page, read_approvals, render

SAMPLES = Path(__file__).parents[2] / "samples"
SCREENSHOTS = Path(__file__).parents[2] / "out" / "screenshots"
# Nothing but the page: no update, no sync, no first run; sound without a click.
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--autoplay-policy=no-user-gesture-required"),
]
HTML_NAME = "<img src=x onerror=window.harmed=1>\"'&amp;\u202egpm.wav"
LATIN_1_NAME = os.fsdecode(b"caf\xe9 #1?.wav")
REFUSED = "truncated.wav"
NEAR_S = 0.05  # Done-when 6

HEARD = """card => {
    const sounds = [...card.querySelectorAll('audio')];
    return sounds.map(a => [a.className, a.muted, a.paused, a.currentTime]);
}"""
SWITCH = """card => {
    const [one, other] = [...card.querySelectorAll('audio')];
    const heard = () => (one.muted ? other : one);
    const before = heard().currentTime;
    card.querySelector('.switch').click();
    return [before, heard().currentTime, heard().className];
}"""


@pytest.fixture(scope="module")
def browser(tool):
    path = tool("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Prepare recordings and lay their pages, English and French, beside them."""
    place = tmp_path_factory.mktemp("review")
    source = place / "recordings"
    source.mkdir()
    for name, sample in {
        "clean.mp3": "clean.mp3",
        "twin.mp3": "clean.mp3",
        "memo.opus": "phone-memo.opus",
        "clipped.wav": "clipped.wav",
        HTML_NAME: "cd.wav",
        LATIN_1_NAME: "48k-mono.wav",
    }.items():
        shutil.copy(SAMPLES / sample, source / name)
    with_silences(source / "paused.wav")
    asked = Treatment(frozenset(FIXES), frozenset({"clipping"}))
    exhibits = [
        Exhibit.of(prepare_with(path, place / "out", asked))
        for path in sorted(source.iterdir())
    ]
    exhibits.append(Exhibit.of(check(SAMPLES / REFUSED)).with_preview(Treatment()))
    drawn = [draw(exhibit) for exhibit in exhibits]
    for language in Language:
        made = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)
        about = About("recordings", made, "9.9", language)
        write_pages(drawn, place / "out" / f"{language}.html", about)
    return place / "out"


@pytest.fixture
def visit(browser, folder):
    """Open the page in a context of its own, offline, every request written down."""

    @contextmanager
    def open_page(name="en", before="", **options):
        context = browser.new_context(accept_downloads=True, **options)
        context.set_offline(True)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.requested, page.complaints = [], []
        context.on("request", lambda request: page.requested.append(request.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda message: page.complaints.append(message.text))
        if before:
            context.add_init_script(before)
        page.goto((folder / f"{name}.html").as_uri())
        yield page
        assert page.complaints == []
        context.close()

    return open_page


def card_of(page, path):
    """Find a card by what its record says of the path."""
    for card in page.locator(".card").all():
        if json.loads(card.get_attribute("data-record"))["path"].endswith(path):
            return card
    raise AssertionError(path)


def wait_for_sound(page, card, seconds=0.4):
    handle = card.element_handle()
    page.wait_for_function(
        "([card, s]) => [...card.querySelectorAll('audio')]"
        ".every(a => a.currentTime > s && !a.paused)",
        arg=[handle, seconds],
    )


def comes_together(page, card, ahead_s=0.0):
    """Wait until the original is ahead of the phone's sound by what was cut.

    The silent one hurries or waits; how soon it is there depends on the machine.
    """
    page.wait_for_function(
        "([card, ahead, near]) => { const [original, phone] ="
        " card.querySelectorAll('audio'); return Math.abs("
        "original.currentTime - phone.currentTime - ahead) < near; }",
        arg=[card.element_handle(), ahead_s, NEAR_S],
    )


def position(card):
    return card.evaluate(
        "card => [...card.querySelectorAll('audio')].find(a => !a.muted).currentTime"
    )


@pytest.mark.parametrize(
    "name", ["clean.mp3", "memo.opus", HTML_NAME, LATIN_1_NAME, REFUSED]
)
def test_both_players_play_one_is_heard_and_they_stay_together(visit, name):
    with visit() as page:
        card = card_of(page, name)
        card.locator(".play").click()
        wait_for_sound(page, card)
        sounds = card.evaluate(HEARD)
        assert [(s[0], s[1]) for s in sounds] == [("original", True), ("phone", False)]
        comes_together(page, card)
        card.locator(".play").click()
        stopped = card.evaluate(HEARD)
        assert all(paused for _, _, paused, _ in stopped)
        assert stopped[0][3] == stopped[1][3]


def test_the_switch_keeps_the_position_and_the_sound_goes_on(visit):
    with visit() as page:
        card = card_of(page, "clean.mp3")
        card.locator(".play").click()
        wait_for_sound(page, card, 1.0)
        heard = []
        for _ in range(6):
            before, after, side = card.evaluate(SWITCH)
            assert abs(before - after) < NEAR_S
            heard.append(side)
            page.wait_for_timeout(150)
            assert position(card) > after
        assert heard == ["original", "phone"] * 3


def test_the_switch_keeps_the_position_of_a_sound_that_stands(visit):
    with visit() as page:
        card = card_of(page, "clean.mp3")
        card.locator(".stage").focus()
        page.keyboard.press("ArrowRight")
        before, after, side = card.evaluate(SWITCH)
        assert (before, after, side) == (2, 2, "original")


def test_words_stay_together_where_silence_was_taken_out(visit):
    with visit() as page:
        card = card_of(page, "paused.wav")
        lead, pause = json.loads(card.get_attribute("data-cuts"))
        cut_s = [lead[1] - lead[0], pause[1] - pause[0]]
        card.locator(".play").click()
        wait_for_sound(page, card)
        comes_together(page, card, cut_s[0])
        for _ in range(2):
            before, after, side = card.evaluate(SWITCH)
            ahead = after - before if side == "original" else before - after
            assert ahead == pytest.approx(cut_s[0], abs=NEAR_S)
        comes_together(page, card, sum(cut_s))  # once the phone is past the pause
        shown = card.locator(".stage").get_attribute("aria-valuenow")
        assert float(shown) > pause[1]


def marked_s(card):
    """Return where the first mark of the first finding begins."""
    return float(card.locator(".place").first.get_attribute("data-at"))


def test_a_click_on_a_finding_seeks_and_plays(visit):
    with visit() as page:
        card = card_of(page, "clipped.wav")
        card.locator(".place").nth(2).click()
        at = float(card.locator(".place").nth(2).get_attribute("data-at"))
        page.wait_for_timeout(100)
        assert at > marked_s(card) > 0
        assert at <= position(card) < at + 1.5
        page.keyboard.press("Space")
        assert all(paused for _, _, paused, _ in card.evaluate(HEARD))


def test_a_click_on_a_mark_in_the_waveform_seeks_to_it(visit):
    with visit() as page:
        card = card_of(page, "clipped.wav")
        seconds, at = float(card.get_attribute("data-seconds")), marked_s(card)
        card.locator(".stage").evaluate("s => s.scrollIntoView({block: 'center'})")
        box = card.locator(".wave").first.bounding_box()
        page.mouse.click(box["x"] + at / seconds * box["width"] + 1, box["y"] + 20)
        page.wait_for_timeout(100)
        assert at <= position(card) < at + 1.5
        assert card.evaluate("card => card.classList.contains('is-on')")


def test_a_click_in_the_waveform_seeks_there(visit):
    with visit() as page:
        card = card_of(page, "clean.mp3")
        stage = card.locator(".stage")
        box = stage.bounding_box()
        stage.click(position={"x": box["width"] * 0.25, "y": 40})
        seconds = float(card.get_attribute("data-seconds"))
        assert position(card) == pytest.approx(seconds * 0.25, abs=0.05)


def test_keys_play_seek_and_switch(visit):
    with visit() as page:
        card = card_of(page, "clean.mp3")
        card.locator(".stage").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        assert position(card) == pytest.approx(2.0, abs=0.01)
        page.keyboard.press("End")
        assert position(card) == pytest.approx(13.3, abs=0.01)
        page.keyboard.press("Home")
        assert position(card) == 0
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        wait_for_sound(page, card, 2.1)
        page.keyboard.press("t")
        assert card.get_attribute("data-side") == "original"
        page.keyboard.press("Space")
        assert all(paused for _, _, paused, _ in card.evaluate(HEARD))


def test_space_plays_what_is_in_view_before_anything_has_the_focus(visit):
    with visit() as page:
        page.keyboard.press("Space")
        first = page.locator(".card").first
        wait_for_sound(page, first)
        assert page.evaluate("scrollY") == 0


def test_space_after_a_click_on_the_switch_pauses_and_does_not_switch(visit):
    with visit() as page:
        card = card_of(page, "clean.mp3")
        card.locator(".play").click()
        wait_for_sound(page, card)
        card.locator(".switch").click()
        page.keyboard.press("Space")
        assert card.get_attribute("data-side") == "original"
        assert all(paused for _, _, paused, _ in card.evaluate(HEARD))


def test_keys_are_letters_while_a_person_writes(visit):
    with visit() as page:
        page.locator("#who").fill("")
        page.locator("#who").press_sequentially("Rat a t")
        assert page.locator("#who").input_value() == "Rat a t"
        assert page.locator("[data-decision]:not([data-decision=''])").count() == 0


def test_only_one_recording_is_heard_at_a_time(visit):
    with visit() as page:
        one, other = card_of(page, "clean.mp3"), card_of(page, "memo.opus")
        one.locator(".play").click()
        wait_for_sound(page, one)
        other.locator(".play").click()
        wait_for_sound(page, other)
        assert all(paused for _, _, paused, _ in one.evaluate(HEARD))


def test_a_sound_that_ends_can_be_played_again(visit):
    with visit() as page:
        card = card_of(page, "clean.mp3")
        card.locator(".stage").focus()
        for _ in range(6):  # of 13.3 s
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(card).to_have_class(re.compile("is-on"))
        expect(card).not_to_have_class(re.compile("is-on"), timeout=5_000)
        assert position(card) > 13.2
        card.locator(".play").click()
        wait_for_sound(page, card, 0.1)
        assert position(card) < 3


def test_decisions_survive_a_reload_and_are_exported_with_what_was_heard(visit, folder):
    with visit() as page:
        page.locator("#who").fill("Zoë <b>O’Neil</b>")
        card_of(page, "clean.mp3").locator(".approve").click()
        other = card_of(page, LATIN_1_NAME.encode("unicode_escape").decode()[-8:])
        other.locator(".comment input").fill("the end is cut")
        other.locator(".reject").click()
        twin = card_of(page, "twin.mp3").locator(".approve")
        assert twin.get_attribute("aria-pressed") == "true"  # the same was heard
        page.reload()
        card = card_of(page, "clean.mp3")
        assert card.locator(".approve").get_attribute("aria-pressed") == "true"
        assert "Zoë <b>O’Neil</b>" in card.locator(".decided").inner_text()
        assert page.locator("#progress").inner_text() == "3 of 7 decided"
        with page.expect_download() as download:
            page.locator(".export").first.click()
        approvals = read_approvals(Path(download.value.path()).read_bytes())
    by_name = {Path(each.path).name: each for each in approvals.decisions}
    clean, rejected = by_name["clean.mp3"], by_name[LATIN_1_NAME]
    assert (clean.approved, clean.name) == (True, "Zoë <b>O’Neil</b>")
    assert (rejected.approved, rejected.comment) == (False, "the end is cut")
    digests = Digests(
        hashlib.sha256((folder / "clean.pcm").read_bytes()).hexdigest(),
        hashlib.sha256((folder / "clean.wav").read_bytes()).hexdigest(),
    )
    assert approvals.approves(digests)
    assert not approvals.approves(rejected.digests)
    age = datetime.now(UTC) - clean.time
    assert abs(age.total_seconds()) < 60


def test_a_decision_can_be_taken_back(visit):
    with visit() as page:
        page.locator("#who").fill("Ann")
        card = card_of(page, "clean.mp3")
        card.locator(".approve").click()
        card.locator(".undo").click()
        page.reload()
        assert page.locator("#progress").inner_text() == "0 of 7 decided"


def test_no_decision_without_a_name(visit):
    with visit() as page:
        card_of(page, "clean.mp3").locator(".approve").click()
        assert "your name" in page.locator("#progress").inner_text()
        assert page.evaluate("document.activeElement.id") == "who"


def test_a_browser_that_keeps_nothing_still_decides_and_exports(visit):
    denied = (
        "Object.defineProperty(window, 'localStorage',"
        "{get() { throw new DOMException('denied', 'SecurityError'); }})"
    )
    with visit(before=denied) as page:
        page.locator("#who").fill("Ann")
        card_of(page, "clean.mp3").locator(".approve").click()
        assert "keeps nothing" in page.locator("#progress").inner_text()
        with page.expect_download() as download:
            page.locator(".export").first.click()
        approvals = read_approvals(Path(download.value.path()).read_bytes())
        assert [each.approved for each in approvals.decisions] == [True, True]


def test_no_request_leaves_the_page_but_for_the_audio_beside_it(visit, folder):
    with visit() as page:
        for card in page.locator(".card").all():
            if card.locator(".play").count():
                card.locator(".play").click()
                page.wait_for_timeout(200)
        places = {url.split(":")[0] for url in page.requested}
        assert places <= {"file", "data"}
        root = folder.parent.as_uri()
        outside = [u for u in page.requested if u.startswith("file") and root not in u]
        assert [url for url in outside if "truncated" not in url] == []


def test_names_that_hold_html_are_inert(visit):
    with visit() as page:
        assert page.evaluate("window.harmed") is None
        assert page.locator("img").count() == 0
        card = card_of(page, HTML_NAME)
        assert card.locator("h2").inner_text().startswith("<img src=x")
        assert "\\u202e" in card.locator("h2").inner_text()


def test_filters_show_what_they_say(visit):
    with visit() as page:
        for show, count in (("refused", 1), ("all", 8), ("open", 7)):
            page.locator(f"[data-show={show}]").click()
            assert page.locator(".card:visible").count() == count


def test_names_are_found_as_they_are_typed(browser, tmp_path):
    about = About("out", datetime(2026, 11, 25, tzinfo=UTC), "9.9", Language.EN)
    names = [
        f"in/{number:02d}-{'été' if number % 3 else 'Hiver'}.wav"
        for number in range(15)
    ]
    path = tmp_path / "a.html"
    path.write_text(render(Page(about, tuple(map(recording, names)))), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    shown = page.locator(".card:visible")
    for typed, count in (("hiver", 5), ("12", 1), ("nobody", 0), (" ", 15)):
        page.locator("#find").fill(typed)
        expect(shown).to_have_count(count)
        assert page.locator("#none-shown").is_visible() == (count == 0)
    page.locator("#find").fill("hiver")
    page.locator("[data-show=refused]").click()
    expect(shown).to_have_count(0)
    page.close()


def test_both_ends_of_the_page_hand_decisions_over(visit):
    with visit() as page:
        assert page.locator(".export:visible").count() == 2
        page.locator("#who").fill("Ann")
        card_of(page, "clean.mp3").locator(".approve").click()
        with page.expect_download() as download:
            page.locator(".finish .export").click()
        assert download.value.suggested_filename == "approvals.json"


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(visit, language, scheme):
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    size = {"width": 1280, "height": 6_000}  # so that every card is drawn
    with visit(language, color_scheme=scheme, viewport=size) as page:
        page.locator("#who").fill("Ann")
        card_of(page, "clean.mp3").locator(".approve").click()
        card_of(page, "memo.opus").locator(".reject").click()
        page.evaluate(axe)
        found = page.evaluate("axe.run()")["violations"]
        grave = [v for v in found if v["impact"] in {"serious", "critical"}]
        told = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in grave]
        assert told == []


LOOKS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", list(Language))
def test_nothing_is_wider_than_the_screen(visit, language, look):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with visit(language, **LOOKS[look]) as page:
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        page.locator("#who").fill("Ann")
        card_of(page, "clean.mp3").locator(".approve").click()
        page.evaluate("scrollTo(0, 0)")
        path = SCREENSHOTS / f"{language}-{look}.png"
        page.screenshot(path=path, full_page=True)
        if look == "desktop":
            page.emulate_media(media="print")
            assert page.locator(".card:visible").count() == 0
            assert page.locator(".sheet tbody tr:visible").count() == 8
            page.screenshot(path=SCREENSHOTS / f"{language}-print.png", full_page=True)
            assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
