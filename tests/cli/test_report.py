"""``voiceprep report``: from artefacts or recordings to a page."""

import base64
import os
import re
import shutil

import pytest


def page(path):
    return path.read_bytes().decode("utf-8")


def test_a_folder_of_artefacts_gets_its_page_beside_them(cli, samples, tmp_path):
    out = tmp_path / "out"
    cli("prepare", samples / "clean.mp3", samples / "one-channel.mp3", "-o", out)
    done = cli("report", out)
    assert (done.code, done.lines) == (0, [str(out / "report.html")])
    assert done.last == f"2 shown. Next: open {out / 'report.html'}, listen, decide"
    assert page(out / "report.html").count("<article") == 2
    assert len(list(out.iterdir())) == 9  # four files each, and the page


def test_recordings_are_prepared_into_a_folder_beside_the_page(cli, samples, tmp_path):
    html = tmp_path / "review.html"
    done = cli("report", samples / "clean.mp3", samples / "text.mp3", "-o", html)
    assert (done.code, done.lines) == (1, [str(html)])
    assert done.last.startswith("2 shown, 1 of them refused. Next: ")
    assert (tmp_path / "review-audio" / "clean.wav").exists()
    assert 'src="./review-audio/clean.wav"' in page(html)
    again = cli("report", tmp_path, "-o", html, "--json")
    assert [r["path"] for r in again.results] == [str(samples / "clean.mp3")]


def test_a_page_that_embeds_is_one_file(cli, record, tmp_path):
    source = record("in/a.wav")
    done = cli("report", source, "--embed", "-o", tmp_path / "one" / "a.html")
    assert done.code == 0
    assert os.listdir(tmp_path / "one") == ["a.html"]  # noqa: PTH208
    sources = re.findall(
        r'src="data:audio/wav;base64,([^"]+)"', page(tmp_path / "one" / "a.html")
    )
    assert base64.b64decode(sources[0]) == source.read_bytes()
    assert len(sources) == 2


def test_dash_writes_the_one_page_to_stdout(cli, record, tmp_path):
    code, out, err = cli.raw("report", record(), "--embed", "-o", "-")
    assert (code, out[:15]) == (0, b"<!doctype html>")
    assert err == b"1 shown\n"
    for more in ([], ["--embed", "--json"], ["--embed", "--open"]):
        words = ["-o", "-", *more]
        refused = cli("report", record(), *words)
        assert (refused.code, refused.out) == (2, "")


def test_standard_input_is_prepared_and_shown(cli, record, tmp_path):
    done = cli("report", "-", "-o", tmp_path / "a.html", stdin=record().read_bytes())
    assert done.code == 0
    assert (tmp_path / "a-audio" / "stdin.wav").exists()


def test_open_hands_the_page_to_the_browser(cli, samples, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    html = tmp_path / "a b.html"
    words = ("report", samples / "cd.wav", "-o", html, "--open")
    assert cli(*words, env={"BROWSER": f"{browser} %s"}).code == 0
    assert (tmp_path / "opened").read_text() == html.as_uri()
    (tmp_path / "opened").unlink()
    assert cli(*words, "-n", env={"BROWSER": f"{browser} %s"}).code == 0
    assert not (tmp_path / "opened").exists()


def test_without_a_browser_the_page_is_made_and_that_is_said(cli, samples, tmp_path):
    words = ("report", samples / "cd.wav", "-o", tmp_path / "a.html", "--open")
    done = cli(*words, env={"BROWSER": "/nonexistent %s", "PATH": str(tmp_path)})
    assert (done.code, done.lines) == (0, [str(tmp_path / "a.html")])
    assert done.last.startswith("no browser was found; open ")


@pytest.mark.parametrize(
    ("words", "env", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "fr_FR.UTF-8"}, "fr"),
        (["--lang", "en"], {"LANG": "fr_FR.UTF-8"}, "en"),
        (["--lang", "fr"], {}, "fr"),
        (["--lang", "FR"], {}, "fr"),
        ([], {"VOICEPREP_LANG": "fr"}, "fr"),
        (["--lang", "en"], {"VOICEPREP_LANG": "fr"}, "en"),
    ],
)
def test_the_page_speaks_what_was_asked_for_or_the_locale(
    cli, record, tmp_path, words, env, language
):
    done = cli("report", record(), "-o", tmp_path / "a.html", *words, env=env)
    assert done.code == 0
    assert f'<html lang="{language}">' in page(tmp_path / "a.html")


def test_another_language_is_a_usage_error(cli, record):
    done = cli("report", record(), "--lang", "de")
    assert (done.code, done.out) == (2, "")
    assert "'de' is not one of 'en', 'fr'" in done.last
    done = cli("report", record(), env={"VOICEPREP_LANG": "de"})
    assert (done.code, done.out) == (2, "")
    assert "(VOICEPREP_LANG): 'de' is not one of en, fr" in done.last


def test_json_holds_the_results_and_where_the_page_is(cli, samples, tmp_path):
    html = tmp_path / "a.html"
    done = cli("report", samples / "clean.mp3", "-o", html, "--json")
    assert (done.code, done.json["schema"]) == (0, "voiceprep.report/1")
    assert done.json["page"] == str(html)
    (result,) = done.results
    assert (result["verdict"], result["path"]) == ("fit", str(samples / "clean.mp3"))


def test_a_folder_may_be_named_for_the_page(cli, samples, tmp_path):
    done = cli("report", samples / "cd.wav", "-o", tmp_path)
    assert done.lines == [str(tmp_path / "report.html")]


def test_dry_run_writes_nothing(cli, record, tmp_path):
    source = record("in/a.wav")
    before = sorted(tmp_path.rglob("*"))
    done = cli("report", source, "-o", tmp_path / "a.html", "-n")
    assert (done.code, done.last) == (0, "1 would be shown")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_strangers_page_is_not_overwritten(cli, record, tmp_path):
    (tmp_path / "a.html").write_text("mine")
    done = cli("report", record(), "-o", tmp_path / "a.html")
    assert done.code == 2
    assert (tmp_path / "a.html").read_text() == "mine"


def test_a_broken_result_costs_its_own_recording_only(cli, samples, tmp_path):
    cli("prepare", samples / "clean.mp3", samples / "cd.wav", "-o", tmp_path)
    (tmp_path / "cd.wav").unlink()
    done = cli("report", tmp_path)
    assert done.code == 3
    assert done.err.splitlines()[0].startswith(f"{tmp_path / 'cd.json'}: ")
    assert done.last.startswith("1 shown, 1 failed")
    assert page(tmp_path / "report.html").count("<article") == 1


def test_repairs_are_taken_for_recordings(cli, samples, tmp_path):
    short = samples / "9.9-seconds.wav"
    html = tmp_path / "a.html"
    assert cli("report", short, "-o", html).code == 1
    assert cli("report", short, "-o", html, "--fix", "duration").code == 0


def test_a_folder_of_any_bytes_has_its_page(cli, record, tmp_path):
    folder = bytes(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102 (bytes)
    source = record("a.wav")
    cli.raw("prepare", bytes(source), "-o", folder)
    code, out, _ = cli.raw("report", folder)
    assert (code, out) == (0, folder + b"/report.html\n")


def test_recordings_beside_results_are_shown_too_each_once(cli, samples, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("clean.mp3", "cd.wav", "clipped.wav"):
        shutil.copy(samples / name, folder)
    cli("prepare", folder / "clean.mp3", "-o", folder / "out")
    done = cli("report", folder, "-o", tmp_path / "a.html", "--json")
    assert sorted(os.path.basename(r["path"]) for r in done.results) == [  # noqa: PTH119
        *("cd.wav", "clean.mp3", "clipped.wav"),
    ]
    assert (tmp_path / "a-audio" / "cd.wav").exists()
    again = cli("report", folder, "-o", tmp_path / "a.html", "--json")
    assert again.results == done.results
    both = cli("report", folder / "out", samples / "vbr.mp3", "-o", tmp_path / "a.html")
    assert both.last.startswith("2 shown. ")


def test_a_page_made_again_is_of_the_recording_as_it_is_now(cli, samples, tmp_path):
    shutil.copy(samples / "clean.mp3", tmp_path / "a.mp3")
    first = cli("report", tmp_path, "-o", tmp_path / "a.html", "--json").results[0]
    shutil.copy(samples / "vbr.mp3", tmp_path / "a.mp3")
    (again,) = cli("report", tmp_path, "-o", tmp_path / "a.html", "--json").results
    assert again["measurements"]["duration_s"] != first["measurements"]["duration_s"]


def test_results_alone_bring_no_word_of_missing_recordings(cli, samples, tmp_path):
    cli("prepare", samples / "clean.mp3", "-o", tmp_path / "out")
    assert cli("report", tmp_path / "out").last.startswith("1 shown. ")


@pytest.mark.parametrize("name", ["empty", "absent.mp3"])
def test_where_nothing_is_there_no_page_is_written_and_a_former_one_stays(
    cli, tmp_path, name
):
    # Not a page that says so: nobody could decide anything on it, and it would replace
    # the one on which somebody did.
    (tmp_path / "empty").mkdir()
    former = tmp_path / "a.html"
    former.write_text('<meta name="generator" content="voiceprep">')
    said = {
        "empty": "a folder without recordings. Files ending in .mp3 or .wav are looked "
        "for, in its subfolders too.",
        "absent.mp3": "no such file. Check the path.",
    }[name]
    done = cli("report", tmp_path / name, "-o", former, "-q")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"{tmp_path / name}: {said} No page was written.\n"
    assert former.read_text().startswith("<meta")
    cli("report", tmp_path / name, cwd=tmp_path)
    assert not list(tmp_path.glob("report*"))
    told = cli("report", tmp_path / name, "-o", former, "--json")
    assert (told.code, told.json["pages"]) == (1, [])
    assert told.results[0]["findings"][0]["code"] == "not_found"
