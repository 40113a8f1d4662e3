from voiceprep.campaign.statistics import Call, breakdown


def test_unknown_is_neither_success_nor_failure():
    told = breakdown([Call("ok"), Call("no"), Call("ko", "voice busy"), Call("wait")])
    assert told.states == {"wait": 1, "on": 0, "ok": 1, "ko": 1, "no": 1}


def test_reasons_are_those_of_failures_the_most_frequent_first():
    calls = [Call("ko", "voice busy"), Call("ko"), Call("ko", "voice no answer")]
    told = breakdown([*calls, Call("ko", "voice busy"), Call("ok", "voice listened")])
    assert next(iter(told.reasons.items())) == ("voice busy", 2)
    assert told.reasons["no reason given"] == 1
    assert "voice listened" not in told.reasons


def test_hours_are_those_of_the_account_s_clock_across_a_change():
    calls = [  # Paris goes from 02:00 to 03:00 on 29 March 2026
        Call("ok", at="2026-03-29T00:59:00+00:00"),
        Call("ok", at="2026-03-29T01:00:00Z"),
        Call("ko", at="2026-03-29T03:30:00+02:00"),
        Call("wait", at="2026-03-29T03:30:00+02:00"),
        Call("no"),
    ]
    assert breakdown(calls).hours == {
        "2026-03-29 01:00": {"ok": 1},
        "2026-03-29 03:00": {"ok": 1, "ko": 1},
        "no time given": {"no": 1},
    }


def test_optouts_are_counted_whatever_the_state():
    assert breakdown([Call("ok", optout=True), Call("ko", optout=True)]).optouts == 2
