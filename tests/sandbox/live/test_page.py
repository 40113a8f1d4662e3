"""The page at `/` in a real browser: what it shows, to whom, and what it survives."""

import json
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

HOSTILE = (
    "<script>window.hurt=1</script><img src=x onerror=window.hurt=1> \u202egnp.exe"
)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = os.environ.get("VOICEPREP_SHOTS")  # a folder to look at them


@pytest.fixture(scope="module")
def browser(tool):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = tool("chromium")
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


def wait(page, expression):
    """Wait for something on the page; its policy lets no one eval in it."""
    end = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"{expression} did not come"
        page.wait_for_timeout(20)


@pytest.fixture
def visit(browser):
    """Open a sandbox's page; fail on any error, and on any call elsewhere."""
    troubles, contexts = [], []

    def opened(box, *, path="", **how):
        settings = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}}
        context = browser.new_context(**{**settings, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: troubles.append(said.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: _same(troubles, box, asked.url))
        page.goto(box.base_url + path)
        wait(page, "document.querySelectorAll('section').length === 5")
        wait(page, "document.getElementById('now').textContent !== ''")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def _same(troubles, box, url):
    if not url.startswith((box.base_url, "data:")):
        troubles.append(f"called {url}")


def rows(page, section):
    """Read a section's rows, each by its columns' names."""
    return page.eval_on_selector_all(
        f"#{section} tbody tr",
        "lines => lines.map(line => Object.fromEntries([...line.cells].map("
        "cell => [cell.className, cell.innerText.trim()])))",
    )


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def busy(sandbox, mobile, receiver, until):
    """A sandbox in which something of everything has happened."""
    box, api = sandbox(clock="manual")
    api.upload()
    api.upload(HOSTILE)
    link = api.ask("GET", "/content/rest/contents")[1]["list"][0]["url"]
    contacts = [mobile(n) for n in range(1, 10)]
    url = f"{receiver.url}?m=#ids#"
    api.mailing(contacts, link=link, pingUrl=url)
    api.mailing([mobile(1)], name=HOSTILE, date="2099-01-01T10:00:00Z")
    box.advance(120)
    until(lambda: box.truth()["attempts"], "a ping")
    box.script({"kind": "reset-before", "path": "/rest/messages"})
    with pytest.raises(ConnectionResetError):
        api.ask("GET", "/rest/messages?id=1")
    box.script()
    return box, api


def test_it_shows_what_there_is(busy, visit):
    page = visit(busy[0])
    shoot(page, "desktop")
    contents = rows(page, "contents")
    assert [row["name"] for row in contents] == [HOSTILE, "Relance"]  # newest first
    assert contents[0]["length"] == "10 s"
    assert contents[0]["bytes"] == "160,044"
    waits, goes = rows(page, "mailings")
    assert (waits["total"], waits["wait"]) == ("1", "1")
    counts = [int(goes[key]) for key in ("ok", "ko", "no", "on", "wait")]
    assert sum(counts) == int(goes["total"]) == 9
    assert (goes["media"], goes["optout"]) == ("VOICE", "1")
    assert len(rows(page, "messages")) == 10
    assert rows(page, "messages")[-1]["state"] == "Reached (ok)"
    assert rows(page, "attempts")[0]["answer"] == "204"
    cut, created = rows(page, "calls")[:2]
    assert (cut["answer"], cut["fault"]) == ("cut", "reset-before")
    assert (created["method"], created["answer"]) == ("POST", "201")
    assert page.inner_text("#n-messages") == "10"


def test_it_shows_changes_as_they_happen(busy, visit):
    box, api = busy
    page = visit(box)
    api.mailing(name="Newest")
    wait(
        page, "document.querySelector('#mailings tbody .name')?.innerText === 'Newest'"
    )
    box.advance(600)
    wait(page, "document.querySelector('#mailings td.ok')?.innerText === '1'")


def test_a_sound_can_be_heard_and_goes_on_while_rows_come(busy, visit):
    box, api = busy
    page = visit(box)
    playing = """
        const sound = document.querySelectorAll('#contents audio')[1];
        sound.muted = true;
        window.sound = sound;
        sound.play()"""
    page.evaluate(playing)
    wait(page, "window.sound.currentTime > 0")
    assert page.evaluate("window.sound.duration") == pytest.approx(10.0, abs=0.05)
    api.upload("Another")
    wait(page, "document.querySelectorAll('#contents audio').length === 3")
    then = page.evaluate("window.sound.currentTime")
    wait(page, f"window.sound.currentTime > {then}")
    assert page.evaluate("window.sound.isConnected && !window.sound.paused")


def test_hostile_names_are_text_and_turn_nothing_around(busy, visit):
    page = visit(busy[0])
    for section in ("contents", "mailings"):
        names = page.query_selector_all(f"#{section} tbody .name bdi")
        assert HOSTILE in [name.text_content() for name in names]
        style = "name => getComputedStyle(name).unicodeBidi"
        assert {name.evaluate(style) for name in names} <= {"isolate"}
    assert page.evaluate("window.hurt") is None
    assert len(page.query_selector_all("script")) == 1
    assert page.query_selector_all("main img") == []


def test_the_policy_forbids_what_the_page_does_not_need(sandbox):
    _, api = sandbox()
    _, headers, body = api.raw("GET", "/")
    rules = dict(
        rule.strip().split(" ", 1)
        for rule in headers["Content-Security-Policy"].split(";")
    )
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["form-action"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"http://" not in body
    assert b"https://" not in body  # no CDN, no font, nothing from elsewhere


@pytest.mark.parametrize(
    ("locale", "title", "reached"),
    [
        ("fr-FR", "Envois", "Joint (ok)"),
        ("en-GB", "Mailings", "Reached (ok)"),
        ("de-DE", "Mailings", "Reached (ok)"),
    ],
)
def test_it_speaks_french_and_english(busy, visit, locale, title, reached):
    page = visit(busy[0], locale=locale)
    assert page.inner_text("#t-mailings") == title
    assert rows(page, "messages")[-1]["state"] == reached
    assert page.evaluate("document.documentElement.lang") == locale[:2].replace(
        "de", "en"
    )


def test_both_languages_have_the_same_labels():
    folder = Path(__file__).parents[3] / "voiceprep" / "sandbox" / "page"
    en, fr = (
        json.loads((folder / f"labels.{name}.json").read_text("utf-8"))
        for name in ("en", "fr")
    )
    assert list(en) == list(fr)
    assert all(en.values())
    assert all(fr.values())


@pytest.mark.parametrize("width", [320, 375, 768, 1_280])
def test_nothing_has_to_be_scrolled_sideways(busy, visit, width):
    page = visit(busy[0], viewport={"width": width, "height": 800}, locale="fr-FR")
    shoot(page, f"width-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    overflowing = page.evaluate(
        "[...document.querySelectorAll('section')]"
        ".filter(e => e.scrollWidth > e.clientWidth).map(e => e.id)"
    )
    assert overflowing == []


def luminance(color):
    """WCAG 2.2, "relative luminance"."""
    parts = [int(part) / 255 for part in color[4:-1].split(",")]
    r, g, b = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(busy, visit, scheme):
    page = visit(busy[0], color_scheme=scheme)
    shoot(page, scheme)
    pairs = page.evaluate(
        """[...document.querySelectorAll('h1, h2, p, a, th, td, button, .mark')]
        .filter(e => e.checkVisibility() && e.innerText.trim())
        .map(e => {
            let ground = e;
            while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)')
                ground = ground.parentElement;
            const [ink, paper] = [e, ground].map(each => getComputedStyle(each));
            return [ink.color, paper.backgroundColor];
        })"""
    )
    assert len(pairs) > 50
    # WCAG 2.2, 1.4.3: 4.5 to 1.
    assert min(contrast(ink, ground) for ink, ground in pairs) >= 4.5
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (luminance(ground) < 0.2) == (scheme == "dark")


def test_it_can_be_used_by_keyboard_alone(busy, visit):
    page = visit(busy[0])
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.tagName") == "AUDIO"
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(f"{focused}.id") == "pause":
            break
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    page.keyboard.press("Space")
    assert page.get_attribute("#pause", "aria-pressed") == "true"


def test_a_screen_reader_is_told_what_everything_is(busy, visit):
    page = visit(busy[0])
    tree = page.locator("body").aria_snapshot()
    assert '- heading "voiceprep sandbox" [level=1]' in tree
    for section in ("Contents", "Mailings", "Messages", "Pings", "API calls"):
        assert f'region "{section}"' in tree
        assert f'table "{section}"' in tree
    assert 'columnheader "Opted out"' in tree
    named = page.eval_on_selector_all(
        "audio", "all => all.map(e => e.getAttribute('aria-labelledby').split(' '))"
    )
    texts = [
        [page.locator(f"#{part}").text_content() for part in each] for each in named
    ]
    assert texts == [["Listen", HOSTILE], ["Listen", "Relance"]]


def test_paused_it_changes_nothing(busy, visit):
    box, api = busy
    page = visit(box)
    page.click("#pause")
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.wait_for_timeout(100)  # a poll that was under way may end
    api.mailing(name="Unseen")
    asked.clear()
    page.wait_for_timeout(1_500)  # the page asks every second
    assert asked == []
    assert "Unseen" not in [row["name"] for row in rows(page, "mailings")]


def test_it_says_that_the_sandbox_has_ended(sandbox, browser):
    box, _ = sandbox()
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(box.base_url)
    wait(page, "document.querySelectorAll('section').length === 5")
    box.stop()
    wait(page, "document.getElementById('trouble').innerText !== ''")
    assert "does not answer" in page.inner_text("#trouble")
    context.close()


def test_an_empty_sandbox_says_so(sandbox, visit):
    box, _ = sandbox()
    page = visit(box)
    assert page.locator(".empty:visible").all_inner_texts() == ["Nothing yet."] * 5
