"""Who asked for no more calls gets none: however written, whoever knows of it."""

import pytest
from calling import called, once, plan

from voiceprep import Settings
from voiceprep.client import Message
from voiceprep.errors import SettingsError
from voiceprep.ledger import Ledger, Told
from voiceprep.pipeline.call_ledger import call_ledger, learned_optouts
from voiceprep.pipeline.optouts import ask_for_optouts, optouts
from voiceprep.pipeline.truth import Truth
from voiceprep.sandbox import Sandbox

OPTS_OUT, OTHER = "+33639980006", "+33639980001"  # as the sandbox has it


@pytest.mark.parametrize("form", ["06 39 98 00 10", "33639980010", "0033639980010"])
def test_they_are_known_however_the_platform_writes_them(ledger, client, send, form):
    told = [Message("9", "ok", recipient=form, optout=True)]
    Truth(client, ledger).take_up(told, "watch")
    with pytest.raises(SettingsError, match="1 of these people asked for no more"):
        send(plan())


def test_a_ledger_of_an_earlier_version_may_hold_them_as_they_came(tmp_path):
    url = f"sqlite:///{tmp_path}/old.sqlite3"
    forms = ("06 12 34 56 78", "anonymous", "+33612345679")
    with Ledger(url) as ledger:
        told = [Told(one, None, "ok", recipient=one, optout=True) for one in forms]
        ledger.messages.learn("me", told, "watch")
        assert optouts(ledger) == {"+33612345678", "+33612345679"}
    for words in ("", "?timeout=9"):
        known = learned_optouts(Settings.load({"ledger": url + words}, environ={}))
        assert len(known) == 2
        assert "+33612345678" in known


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "ended", port=0, clock="manual") as running:
        yield running


def ordered(caller, client, made):
    ready = caller(made, client=client)
    ready.prepare()
    ready.send()


def test_in_a_campaign_that_nobody_followed_they_are_asked_for(box, connected, caller):
    client = connected(box)
    ordered(caller, client, plan([OPTS_OUT], name="Before"))
    box.advance(3_600)
    after = caller(plan([OPTS_OUT, OTHER], name="After"), client=client)
    with pytest.raises(SettingsError, match="1 of these people asked for no more"):
        after.judge()
    assert called(box) == once([OPTS_OUT])


def test_messages_are_read_only_where_somebody_asked(box, connected, caller, ledger):
    client = connected(box)
    nobody, somebody = plan([OTHER], name="Before"), plan([OPTS_OUT], name="Then")
    ordered(caller, client, nobody)
    ordered(caller, client, somebody)
    box.advance(3_600)
    ask_for_optouts(client, ledger)
    assert not list(ledger.messages.of(client.account, nobody.campaign))
    assert [one.state for one in ledger.messages.of(client.account, somebody.campaign)]
    assert optouts(ledger) == {OPTS_OUT}


def test_statistics_that_are_refused_are_in_nobodys_way(box, connected, caller, ledger):
    client = connected(box)
    ordered(caller, client, plan([OPTS_OUT], name="Before"))
    box.advance(3_600)
    box.script({"method": "GET", "kind": "status", "status": 403, "times": 99})
    ask_for_optouts(client, ledger)
    assert optouts(ledger) == set()


def test_they_are_known_wherever_the_ledger_of_a_person_lies(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "50%41?"))
    settings = Settings.load({}, environ={})
    with call_ledger(settings) as ledger:
        told = [Told("9", None, "ok", recipient="+33612345678", optout=True)]
        ledger.messages.learn("me", told, "watch")
    folder = tmp_path / "50%41?" / "voiceprep" / "calls"
    assert "ledger.sqlite3" in {each.name for each in folder.iterdir()}
    assert "+33612345678" in learned_optouts(settings)
