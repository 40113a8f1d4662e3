"""`voiceprep messages watch|listen` as processes, against a sandbox that calls."""

import json
import signal
import subprocess
from urllib.parse import urlsplit

import pytest
from pings import Calls, mobile, ping, until

from voiceprep.sandbox import Sandbox

NUMBER = "639980001"


@pytest.fixture
def box(tmp_path):
    """A sandbox on which a call takes milliseconds."""
    with Sandbox(tmp_path / "box", clock=2_000.0) as running:
        yield running


@pytest.fixture
def calls(box):
    return Calls(box)


@pytest.fixture
def us(at, box):
    return at(box)


def test_watch_follows_a_campaign_to_its_end(us, calls):
    calls.order([mobile(1), mobile(2), mobile(5)])
    calls.order([mobile(6)])
    done = us("messages", "watch", calls.name)
    assert done.code == 0
    counts = {line.split()[0]: line.split()[-1] for line in done.lines[1:]}
    assert counts == {
        "wait": "0",
        "on": "0",
        "ok": "2",
        "ko": "1",
        "no": "1",
        "total": "4",
    }
    assert done.last == (
        "all 4 calls ended: 2 reached, 1 not, 1 unknown. Next: voiceprep mailing stats "
        "--name 'Relance mars [vp-7K2Q]' (sandbox: nothing was sent to Digitaleo)"
    )
    assert NUMBER not in done.out + done.err


def test_watch_as_json_holds_each_message_masked(us, calls):
    calls.order([mobile(1), mobile(2)])
    done = us("messages", "watch", calls.name, "--json")
    assert done.json["schema"] == "voiceprep.messages.watch/1"
    assert (done.json["platform"], done.json["final"]) == ("sandbox", True)
    assert done.json["campaign"] == calls.name
    assert done.json["counts"] == calls.counts()
    assert [(one["recipient"], one["state"]) for one in done.results] == [
        ("+33 6 •• •• •• 01", "ok"),
        ("+33 6 •• •• •• 02", "ko"),
    ]
    assert NUMBER not in done.out + done.err
    whole = us("messages", "watch", calls.name, "--csv", "--show-numbers")
    header, first, _ = whole.lines
    assert header.startswith("id,mailing_id,campaign,recipient,state,description")
    assert "+33639980001,ok,voice delivered" in first


def test_watch_ends_at_its_timeout_with_5_and_says_what_is_open(us, calls):
    calls.order([mobile(1), mobile(2)], date="2090-01-01T10:00:00Z")
    done = us("messages", "watch", calls.name, "--timeout", "0")
    assert done.code == 5
    assert done.last.startswith("2 calls of 2 still open, 0 reached, 0 not, 0 unknown")
    once = us("messages", "watch", calls.name, "--timeout=0", "--no-until-final")
    assert once.code == 0


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "soon"])
def test_a_timeout_that_is_none_is_a_usage_error(us, calls, seconds):
    done = us("messages", "watch", calls.name, "--timeout", seconds)
    assert (done.code, done.out) == (2, "")


def test_watch_of_a_name_that_is_not_there_is_6(us):
    done = us("messages", "watch", "nothing", "--json")
    assert (done.code, done.out) == (6, "")
    assert "no mailing on the platform is named 'nothing'" in done.last


def test_watch_without_its_credentials_is_4(us, calls, tmp_path):
    (tmp_path / "wrong").write_text("wrong")
    wrong = us.having(VOICEPREP_CLIENT_SECRET_FILE=tmp_path / "wrong")
    assert wrong("messages", "watch", calls.name).code == 4


def test_the_persons_own_name_is_enough_where_one_campaign_bears_it(us, calls, cli):
    from voiceprep.client import Client, Settings
    from voiceprep.ledger import Campaign, Ledger

    box = calls.box
    settings = Settings.for_platform(box.base_url, box.client_id, box.client_secret)
    folder = cli.home / "data" / "voiceprep" / "calls"
    folder.mkdir(parents=True)
    with Client(settings) as client, Ledger(f"sqlite:///{folder}/x.db") as ledger:
        ledger.calls.enter(client.account, Campaign(calls.name, "Relance mars"), [])
    calls.order([mobile(1)])
    words = ("--ledger", f"sqlite:///{folder}/x.db")
    assert us("messages", "watch", "Relance mars", *words).code == 0
    with Client(settings) as client, Ledger(f"sqlite:///{folder}/x.db") as ledger:
        second = Campaign("Relance mars [vp-0000]", "Relance mars")
        ledger.calls.enter(client.account, second, [])
    done = us("messages", "watch", "Relance mars", *words)
    assert done.code == 2
    assert "name one with its tag" in done.last


def test_ctrl_c_ends_watch_with_130_and_what_was_learnt_stays(us, calls):
    calls.order([mobile(1)], date="2090-01-01T10:00:00Z")
    with us.start("messages", "watch", calls.name, stderr=subprocess.PIPE) as process:
        assert b"1 wait" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert b"interrupted; what was done stays" in process.stderr.read()
    done = us("messages", "watch", calls.name, "--timeout=0", "--json")
    assert [one["state"] for one in done.results] == ["wait"]


# listen


class Receiver:
    """A `messages listen` that runs."""

    def __init__(self, us, *words, **streams):
        self.process = us.start("messages", "listen", "--port", "0", *words, **streams)
        self.url = self.process.stdout.readline().decode().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        assert b"Traceback" not in err, err.decode()
        return self.process.returncode, out.decode(), err.decode()


def states(us, name):
    rows = us("messages", "watch", name, "--timeout=0", "--json").results
    return {row["id"]: (row["state"], row["learnt_by"]) for row in rows}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_listen_prints_its_url_takes_pings_and_ends_with_0(us, calls, number):
    with Receiver(us) as receiver:
        assert receiver.url.endswith("?ids=#ids#")
        assert len(urlsplit(receiver.url).path.rpartition("/")[2]) == 43
        calls.order([mobile(1)])
        until(lambda: calls.truth() == {"1": "ok"})
        ping(receiver.url, ["1"])
        code, out, err = receiver.end(number)
    assert (code, out) == (0, "")
    assert "learnt" in err.splitlines()[-1]
    assert err.splitlines()[-1].endswith("(sandbox: nothing was sent to Digitaleo)")
    key = urlsplit(receiver.url).path.rpartition("/")[2]
    assert key not in err
    assert NUMBER not in err
    assert states(us, calls.name) == {"1": ("ok", "ping")}


def test_the_url_is_the_same_from_run_to_run_but_for_its_port(us):
    keys = set()
    for _ in range(2):
        with Receiver(us) as receiver:
            keys.add(urlsplit(receiver.url).path)
            receiver.end()
    assert len(keys) == 1


def test_listen_as_json_is_one_document_and_names_a_public_url(us):
    words = ("--json", "--public-url", "https://calls.example/x", "--each")
    with Receiver(us, *words) as receiver:
        told = json.loads(receiver.url)
        code, out, _ = receiver.end()
    assert (code, out) == (0, "")
    assert told["schema"] == "voiceprep.messages.listen/1"
    (result,) = told["results"]
    assert result["ping_url"].startswith("https://calls.example/x/ping/")
    assert result["ping_url"].endswith("?id=#id#")
    assert result["pid"] == receiver.process.pid


def test_verbose_names_messages_and_their_states_without_numbers(us, calls):
    with Receiver(us, "-v") as receiver:
        calls.order([mobile(2)])
        until(lambda: calls.truth() == {"1": "ko"})
        ping(receiver.url, ["1"])
        until(lambda: receiver.process.stderr.readline().startswith(b"listening"))
        line = receiver.process.stderr.readline().decode()
        receiver.end()
    assert line == "1  new → ko  voice busy\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--public-url", "calls.example"), "no address that pings could come to"),
        (("--forward-to", "ftp://a"), "an http or https address is called"),
        (("--forward-to", "http://me:pw@a/"), "without a name and password"),
        (("--forward-to", "http://a:99999/"), "an http or https address is called"),
        (("--public-url", "calls.example", "-n"), "no address that pings could"),
        (("--forward-to", "ftp://a", "-n"), "an http or https address is called"),
        (("--port", "70000"), "70000"),
        (("--host", "", "--port", "0"), "--host names no address"),
        (("--sweep", "nan"), "no number of seconds"),
        (("--ledger", "nonsense"), "ledger can't be opened"),
    ],
)
def test_what_is_wrong_is_a_usage_error(us, words, said):
    done = us("messages", "listen", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_port_that_is_taken_is_said(us):
    with Receiver(us) as receiver:
        port = str(urlsplit(receiver.url).port)
        done = us("messages", "listen", "--port", port)
    assert (done.code, done.out) == (2, "")
    assert (
        f"port {port}: address already in use; choose another with --port" in done.err
    )


def test_listen_without_its_credentials_is_4(us, tmp_path):
    (tmp_path / "wrong").write_text("wrong")
    wrong = us.having(VOICEPREP_CLIENT_SECRET_FILE=tmp_path / "wrong")
    assert wrong("messages", "listen", "--port", "0").code == 4


def test_a_dry_run_listens_to_nobody(us):
    done = us("messages", "listen", "-n", "--port", "0")
    assert (done.code, done.out) == (0, "")
    assert "would listen on 127.0.0.1 port 0" in done.err


# What must never be seen (Done-when 9)


def test_no_secret_and_no_whole_number_is_in_any_output_log_or_ledger(
    us, calls, cli, tmp_path
):
    people = [mobile(n) for n in (1, 2, 3, 4, 5, 6)]
    calls.order(people)
    out = tmp_path / "stats.html"
    with Receiver(us, "-vv") as receiver:
        until(lambda: calls.counts()["wait"] == calls.counts()["on"] == 0)
        ping(receiver.url, [str(n) for n in range(1, 7)])
        said = [*receiver.end()[1:]]
    named = ("--name", calls.name)
    for words in (
        ("messages", "watch", calls.name, "-vv"),
        ("messages", "watch", calls.name, "--csv"),
        ("mailing", "stats", *named, "-vv", "--report", out),
        ("mailing", "retry-list", *named, "-vv"),
        ("mailing", "retry-list", *named, "--json", "-o", tmp_path / "again.csv"),
    ):
        done = us(*words)
        assert done.code == 0
        said += [done.out, done.err]
    said.append(out.read_text())
    everything = "\n".join(said)
    secret, token = calls.box.client_secret, calls.token
    for planted in (secret, token, *people, *(n.removeprefix("+33") for n in people)):
        assert planted not in everything
    (ledger,) = (cli.home / "data" / "voiceprep" / "calls").glob("*.sqlite3")
    stored = b"".join(path.read_bytes() for path in ledger.parent.glob("ledger*"))
    assert people[0].encode() in stored  # a retry needs it
    assert secret.encode() not in stored
    assert token.encode() not in stored
    assert ledger.parent.stat().st_mode & 0o077 == 0
