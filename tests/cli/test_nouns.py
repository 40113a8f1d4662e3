"""Contents, mailings and messages on the command line, from hand-written answers."""

import csv
import io
import json
import os
import pty
import re

import pytest
from platform_rows import content, mailing, message, stats

CONTENTS = "/content/rest/contents"
MAILINGS = "/rest/mailings"
MESSAGES = "/rest/messages"
DONE = mailing(status="done", stats=stats(total=3, ok=2, ko=1, optout=1))


def listed(*rows):
    document = {"size": len(rows), "total": len(rows), "list": list(rows)}
    return 200, json.dumps({**document, "httpStatusCode": 200}), {}


@pytest.fixture
def live(customer, platform):
    """The command line with an account on a platform that is no sandbox."""
    rows = {CONTENTS: content(), MAILINGS: DONE, MESSAGES: message()}
    for path, row in rows.items():
        platform.says[f"GET {path}"] = listed(row)
        platform.says[f"POST {path}"] = listed(row)
    return customer(platform.base_url)


LISTS = {
    "content list": ("content list", "7001"),
    "content show": ("content show 7001", "7001"),
    "mailing list": ("mailing list", "42"),
    "mailing show": ("mailing show 42", "42"),
    "mailing stats": ("mailing stats 42", "42"),
    "mailing stats by name": ("mailing stats --name Relance\xa0mars", "42"),
    "messages list": ("messages list --mailing 42", "91"),
}


def run(cli, words, *more):
    parts = [word.replace("\xa0", " ") for word in words.split(" ")]
    return cli(*parts, *more)


@pytest.mark.parametrize("case", LISTS)
def test_json_is_one_document_with_schema_platform_and_results(live, case):
    words, name = LISTS[case]
    done = run(live, words, "--json")
    assert done.code == 0
    schema = ".".join(["voiceprep", *words.split()[:2]])
    assert done.json["schema"] == f"{schema}/1"
    assert done.json["platform"] == "live"
    assert [result["id"] for result in done.results] == [name]


@pytest.mark.parametrize("case", LISTS)
def test_csv_has_a_header_and_a_row_for_each(live, case):
    words, name = LISTS[case]
    (row,) = csv.DictReader(io.StringIO(run(live, words, "--csv").out))
    assert row["id"] == name


@pytest.mark.parametrize("case", LISTS)
def test_csv_and_json_together_are_a_usage_error(live, platform, case):
    done = run(live, LISTS[case][0], "--csv", "--json")
    assert (done.code, done.out, platform.seen) == (2, "", [])


@pytest.mark.parametrize("case", LISTS)
def test_a_refusal_of_the_platform_is_one_sentence_and_exit_6(live, platform, case):
    words = LISTS[case][0]
    refused = (403, '{"status":403,"message":"not yours: 06 12 34 56 78"}', {})
    for path in (CONTENTS, MAILINGS, MESSAGES):
        platform.says[f"GET {path}"] = platform.says[f"POST {path}"] = refused
    done = run(live, words, "--json")
    assert (done.code, done.out) == (6, "")
    assert done.last.endswith("403: not yours: 06 •• •• •• 78")


@pytest.mark.parametrize("words", ["content list", "mailing list"])
def test_nothing_is_an_empty_list_a_header_and_exit_0(live, platform, words):
    for path in (CONTENTS, MAILINGS):
        platform.says[f"GET {path}"] = listed()
    assert run(live, words, "--json").results == []
    assert len(run(live, words, "--csv").lines) == 1
    table = run(live, words)
    assert (table.code, len(table.lines)) == (0, 1)
    assert table.last.startswith("0 ")


def test_a_table_stands_in_columns_with_numbers_to_the_right(live, platform):
    short = {"url_encoded": "https://a.fr/b.pcm", "tags": ["mars", "b"]}
    rows = (content(**short), content(id="8", name="a", duration="120", filesize=9))
    platform.says[f"GET {CONTENTS}"] = listed(rows[0], {**rows[1], **short})
    done = live("content", "list")
    assert done.lines == [
        "id    name          seconds   bytes  tags    url_encoded",
        "7001  Relance mars       15  240044  mars,b  https://a.fr/b.pcm",
        "8     a                 120       9  mars,b  https://a.fr/b.pcm",
    ]
    assert done.last == "2 contents. Next: voiceprep content show 7001"


def test_show_says_every_field_on_a_line(live):
    lines = live("content", "show", "7001").lines
    assert "mime_type    audio/wav" in lines
    assert "tags         mars" in lines


def test_what_is_not_there_is_named_and_exits_6(live):
    done = live("content", "show", "7001,9", "8", "--json")
    assert (done.code, done.json["missing"]) == (6, ["9", "8"])
    assert [result["id"] for result in done.results] == ["7001"]
    assert done.last == "1 content; not there: 9, 8"


def test_filters_of_contents_go_to_the_platform(live, platform):
    live("content", "list", "--tag", "mars", "--tag", "b", "--name", "a, b")
    (_, path, *_) = platform.seen[-1]
    assert "tags=mars%2Cb" in path
    assert "name=a%2C+b" in path or "name=a%2C%20b" in path


def test_limit_is_asked_for(live, platform):
    live("content", "list", "--limit", "1")
    assert "limit=1&" in platform.seen[-1][1]


def test_mailings_of_a_state_are_chosen_whatever_the_platform_filters(live, platform):
    states = ("done", "wait", "done", "done")
    rows = (mailing(id=str(n), status=state) for n, state in enumerate(states))
    platform.says[f"GET {MAILINGS}"] = listed(*rows)
    done = live("mailing", "list", "--state", "done", "--limit", "2", "--json")
    assert [result["id"] for result in done.results] == ["0", "2"]


def test_stats_are_listed_and_added_up(live, platform):
    rows = (DONE, mailing(id="43", stats=stats(total=1, no=1)))
    platform.says[f"GET {MAILINGS}"] = listed(*rows)
    words = ("mailing", "stats", "--name", "Relance mars")
    done = live(*words, "--json")
    assert done.json["stats"] == {
        "total": 4,
        "wait": 0,
        "on": 0,
        "ok": 2,
        "ko": 1,
        "no": 1,
        "optout": 1,
        "rep": 0,
        "deliverability": 50.0,
    }
    shares = [result["stats"]["deliverability"] for result in done.results]
    assert shares == [66.67, 0.0]
    table = live(*words)
    assert table.lines[0].split() == [
        *("id", "name", "total", "wait", "on", "ok", "ko", "no", "optout", "rep"),
        *("ok", "%"),
    ]
    assert table.lines[-1].split() == ["total", *"40021110", "50.00"]
    assert table.last == "2 mailings: 4 messages, 2 ok (50.00 %)"


def test_r42_without_messages_there_is_no_percentage(live, platform):
    platform.says[f"GET {MAILINGS}"] = listed()
    done = live("mailing", "stats", "--name", "nothing", "--json")
    # Not 0: a name that nothing bears is most likely mistyped, and a script that adds
    # it up would take nothing for the campaign's result.
    assert done.code == 6
    assert (done.json["stats"]["total"], done.json["stats"]["deliverability"]) == (
        0,
        None,
    )
    assert done.last == (
        "voiceprep: nothing bears the name 'nothing': `voiceprep mailing list` shows "
        "the names, with their tags"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("mailing", "stats"),
        ("mailing", "stats", "42", "--name", "a"),
        ("messages", "list"),
        ("messages", "list", "--state", "ok"),
        ("messages", "list", "--mailing", "42", "--state", "lost"),
        ("content", "show"),
        ("content", "list", "--limit", "0"),
    ],
)
def test_what_names_nothing_is_a_usage_error(live, platform, words):
    done = live(*words)
    assert (done.code, done.out, platform.seen) == (2, "", [])


FORMS = [(), ("--json",), ("--csv",)]


@pytest.mark.parametrize("form", FORMS)
def test_recipients_are_masked_in_every_form(live, form):
    done = live("messages", "list", "--mailing", "42", *form, "-vv")
    assert "612345678" not in done.out + done.err
    # JSON escapes what is not ASCII.
    assert "+33 6 •• •• •• 78" in done.out.replace("\\u2022", "•")


@pytest.mark.parametrize("form", FORMS)
def test_recipients_are_whole_when_they_are_asked_for(live, form):
    words = ("messages", "list", "--mailing", "42", "--show-numbers")
    assert "+33612345678" in live(*words, *form).out


def test_messages_are_counted_by_state(live, platform):
    states = ["ok", "ko", "ok", "no"]
    rows = (
        message(id=str(n), currentStatus={"shortKey": state})
        for n, state in enumerate(states)
    )
    platform.says[f"GET {MESSAGES}"] = listed(*rows)
    done = live("messages", "list", "--name", "Relance mars")
    assert done.last == "4 messages: 2 ok, 1 ko, 1 no"


NASTY = {
    "=cmd()": "'=cmd()",
    "+1+cmd|'/C calc'!A0": "'+1+cmd|'/C calc'!A0",
    "-2+3": "'-2+3",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'=1",
    "\uff1d1": "'\uff1d1",
    "+33 6 12 34 56 78": "+33 6 •• •• •• 78",  # a number stays one that can be called
    'a "b", c\nd': 'a "b", c d',
    "red \x1b[31m\u202e": "red [31m",
}


@pytest.mark.parametrize("name", NASTY)
def test_no_cell_of_the_csv_is_a_formula(live, platform, name):
    platform.says[f"GET {CONTENTS}"] = listed(content(name=name))
    (row,) = csv.DictReader(io.StringIO(live("content", "list", "--csv").out))
    assert row["name"] == NASTY[name]


def test_a_number_in_the_csv_is_as_it_is_dialled(live):
    words = ("messages", "list", "--mailing", "42", "--csv", "--show-numbers")
    (row,) = csv.DictReader(io.StringIO(live(*words).out))
    assert row["recipient"] == "+33612345678"
    assert (row["optout"], row["sent_date"]) == ("false", "2026-03-12T09:00:02+01:00")


def test_a_name_moves_no_cursor_in_a_table(live, platform):
    platform.says[f"GET {CONTENTS}"] = listed(content(name="a\x1b[2J\r\nb\u202e"))
    done = live("content", "list")
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert len(done.lines) == 2


def on_a_terminal(cli, *words, **env):
    """Run with standard output on a terminal; return what was written there."""
    master, slave = pty.openpty()
    try:
        env = {"TERM": "xterm-256color", "COLUMNS": "160", **env}
        with cli.start(*words, env=env, stdout=slave) as process:
            os.close(slave)
            said = b""
            while chunk := read_some(master):
                said += chunk
            process.communicate(timeout=20)
        return process.returncode, said.decode()
    finally:
        os.close(master)


def read_some(master):
    try:
        return os.read(master, 65_536)
    except OSError:  # Linux says EIO when the other end is closed
        return b""


def test_a_terminal_gets_a_table_of_its_width_in_which_nothing_is_markup(
    live, platform
):
    platform.says[f"GET {CONTENTS}"] = listed(content(name="[red]a[/red]"))
    code, said = on_a_terminal(live, "content", "list")
    assert code == 0
    assert "[red]a[/red]" in said
    assert "\x1b[1m" in said  # the titles are bold
    code, plain = on_a_terminal(live, "content", "list", "--no-color", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", plain)


def test_a_delete_on_the_live_platform_needs_a_yes(live, platform):
    done = live("content", "delete", "7001")
    assert (done.code, done.out) == (2, "")
    assert "add --yes, or -n" in done.last
    assert not any(seen[0] == "DELETE" for seen in platform.seen)


def test_a_dry_run_of_a_delete_says_what_and_deletes_nothing(live, platform):
    done = live("content", "delete", "7001", "-n", "--json")
    assert done.code == 0
    assert (done.json["dry_run"], done.json["count"]) == (True, None)
    assert [result["id"] for result in done.results] == ["7001"]
    assert done.last == "1 content would be deleted"
    assert not any(seen[0] == "DELETE" for seen in platform.seen)


def test_a_delete_with_a_yes_deletes_what_was_there(live, platform):
    platform.says[f"DELETE {CONTENTS}"] = (200, '{"count":1}', {})
    done = live("content", "delete", "7001", "9", "--yes", "--json")
    assert (done.code, done.json["count"], done.json["missing"]) == (6, 1, ["9"])
    assert done.last == "1 content deleted; not there: 9"
    (sent,) = [seen for seen in platform.seen if seen[0] == "DELETE"]
    assert sent[1].endswith("?id=7001")


def test_a_sandbox_is_named_on_the_last_line_and_needs_no_yes(account, record, cli):
    url = account("upload", record(seed=71), "--json").results[0]["content"]["id"]
    listed_ = account("content", "list")
    assert listed_.last.endswith("(sandbox: nothing was sent to Digitaleo)")
    shown = account("content", "show", url, "--json")
    assert (shown.json["platform"], shown.results[0]["id"]) == ("sandbox", url)
    gone = account("content", "delete", url)
    assert gone.code == 0
    assert gone.last.startswith("1 content deleted (sandbox")
    assert account("content", "show", url).code == 6


@pytest.fixture(scope="module")
def campaign(sandbox):
    """Two mailings of one name on the sandbox, ordered by our client."""
    from voiceprep.client import Client, Settings

    settings = Settings.for_platform(
        sandbox.base_url, sandbox.client_id, sandbox.client_secret
    )
    link = "https://a.fr/relance.wav"
    with Client(settings) as client:
        for contacts in (["+33612345678", "06 23 45 67 89"], ["+33698765432"]):
            client.mailings.create(
                contacts, link=link, media="VOICE", type="wav", name="Relance de mars"
            )
    return "Relance de mars"


def test_a_campaign_on_the_sandbox_is_listed_counted_and_followed(account, campaign):
    named = ("--name", campaign)
    mailings = account("mailing", "list", *named, "--json").results
    assert [one["contacts_count"] for one in mailings] == [2, 1]
    counted = account("mailing", "stats", *named, "--json").json
    stats = counted["stats"]
    assert stats["total"] == 3
    assert stats["total"] == sum(stats[s] for s in ("wait", "on", "ok", "ko", "no"))
    calls = account("messages", "list", "--mailing", mailings[0]["id"], "--json")
    assert [one["recipient"] for one in calls.results] == [
        "+33 6 •• •• •• 78",
        "+33 6 •• •• •• 89",
    ]
    whole = account("messages", "list", *named, "--csv", "--show-numbers")
    assert "+33698765432" in whole.out
    assert whole.last.endswith("(sandbox: nothing was sent to Digitaleo)")
    shown = account("mailing", "show", *(one["id"] for one in mailings))
    assert shown.code == 0


def test_the_sandboxs_own_refusal_of_a_number_is_masked(account):
    contacts = 'contacts=[{"recipient":"0033612345678"}]'
    words = ("link=https://a.fr/x.wav", "media=VOICE", "type=wav", contacts)
    done = account("api", "POST", "mailings", *words)
    assert done.code == 6
    assert "0033 6 •• •• •• 78" in done.last
    assert "612345678" not in done.err


@pytest.mark.parametrize("command", ["show", "delete"])
@pytest.mark.parametrize("word", ["", ",", " "])
def test_no_id_at_all_is_a_variable_that_was_not_set(account, command, word):
    done = account("content", command, word)
    assert (done.code, done.out) == (2, "")
    assert done.last.endswith("no id was named; was a variable not set?")
