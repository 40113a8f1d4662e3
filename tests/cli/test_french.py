"""Each command's last line in French: what happened, what is next, whether it was real.

That English stays as it is, the tests of the commands prove.
"""

import json
import os
import pty
import re

import pytest
from calling import CREATE
from pings import Calls, mobile

from voiceprep.sandbox import Sandbox

FR = ("--lang", "fr")
TRIAL = " (bac à sable\u00a0: rien n’a été envoyé à Digitaleo)"
# Of a French text: what should have a no-break space before it and has a plain one.
LOOSE = re.compile(r"[^ ] [;:!?](?: |$)")


@pytest.fixture
def cli(cli):
    return cli.having(PYTHONIOENCODING="utf-8", VOICEPREP_JOBS="1")


@pytest.fixture
def us(account):
    return account.having(PYTHONIOENCODING="utf-8")


# Recordings


@pytest.fixture
def folder(record, tmp_path):
    inside = tmp_path / "in"
    record("a.wav", seed=1, folder=inside)
    record("short.wav", seconds=9.0, seed=3, folder=inside)
    (inside / "words.mp3").write_text("no sound at all, only words")
    return inside


def test_a_batch_says_what_became_of_a_folder_and_how_to_mend_it(cli, folder, tmp_path):
    done = cli("batch", folder, "-o", "out", *FR, cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.last == (
        "1 préparé, 1 refusé, 1 illisible\u202f; résultats dans out/results.csv. "
        "Ensuite\u00a0: lisez pourquoi dans results.csv, ou bien voiceprep batch "
        f"-o out --fix all {folder}"
    )
    assert "in/words.mp3\u00a0: illisible\u00a0: du texte, pas du son" in done.err
    refused = "short.wav\u00a0: refusé\u00a0: dure 9,000\u00a0s\u202f; la plateforme"
    assert refused in done.err
    again = cli("batch", folder, "-o", "out", *FR, cwd=tmp_path)
    assert "1 préparé, 1 refusé, 1 illisible (3 inchangés)\u202f; " in again.last


def test_a_batch_that_uploads_ends_with_whether_it_was_real(shell, folder, tmp_path):
    (folder / "short.wav").unlink()
    (folder / "words.mp3").unlink()
    done = shell("batch", folder, "-o", tmp_path / "out", "--upload", "-v", *FR)
    assert done.code == 0
    assert done.last.endswith(
        f"Ensuite\u00a0: un envoi avec les url_encoded de results.csv{TRIAL}"
    )
    assert re.search(r"a\.wav\u00a0: envoyé, contenu \d+$", done.err, re.MULTILINE)


def test_what_a_batch_would_do_is_said(cli, folder, tmp_path):
    done = cli("batch", folder, "-o", tmp_path / "out", "-n", *FR)
    assert done.last == "3 seraient préparés, 0 inchangé"


def test_an_empty_folder_is_said(cli, tmp_path):
    (tmp_path / "empty").mkdir()
    done = cli("batch", tmp_path / "empty", "-o", tmp_path / "out", *FR)
    assert done.last.startswith("aucun enregistrement\u202f; résultats dans ")
    assert done.last.endswith("fichiers .mp3 ou .wav, sous-dossiers compris")


def test_the_ledgers_commands_speak_french_and_their_json_does_not(
    shell, folder, tmp_path
):
    out = tmp_path / "out"
    shell("batch", folder, "-o", out, "--upload")
    status = shell("batch", "status", out, *FR)
    assert status.lines[-1] == (
        "1 envoyé, 1 refusé, 1 illisible\u202f; aucun traitement n’est en cours"
    )
    assert status.lines[0].endswith("words.mp3\u00a0: illisible\u00a0: " + WORDS_ONLY)
    same = [shell("batch", "status", out, "--json", *lang).out for lang in (FR, ())]
    assert same[0] == same[1]
    retried = shell("batch", "retry", out, *FR)
    assert retried.last == (
        "1 à refaire. Ensuite\u00a0: relancez le traitement du dossier"
    )
    forgotten = shell("batch", "forget", out, "*/short.wav", "-n", *FR)
    assert forgotten.last == "1 serait oublié"
    compared = shell("batch", "reconcile", out, *FR)
    assert compared.last == f"1 concorde, 0 diffère. Rien à faire{TRIAL}"


WORDS_ONLY = "du texte, pas du son. Est-ce le bon fichier\u202f?"


def test_progress_on_a_terminal_is_french(cli, folder, tmp_path):
    read, write = pty.openpty()
    with cli.start(
        *("batch", folder, "-o", tmp_path / "out", *FR),
        stderr=write,
        env={"TERM": "xterm-256color", "COLUMNS": "200"},
    ) as process:
        os.close(write)
        shown = b""
        try:
            while chunk := os.read(read, 4096):
                shown += chunk
        except OSError:  # as Linux ends a terminal of which nobody is left
            pass
        assert process.wait(timeout=60) == 1
    os.close(read)
    assert "préparation" in shown.decode()
    assert "min de son" in shown.decode()


def test_verify_says_whether_it_is_identical(us, record):
    path = record(seed=77)
    missing = us("verify", path, *FR)
    assert (missing.code, missing.last) == (1, f"0 identique, 1 non{TRIAL}")
    assert missing.lines == [
        (
            f"{path}\u00a0: pas sur la plateforme\u00a0: rien n’y porte sa marque"
            "\u202f; envoyez-le d’abord"
        )
    ]
    assert us("upload", path, *FR).last.endswith(TRIAL)
    same = us("verify", path, *FR)
    assert (same.code, same.last) == (0, f"1 identique, 0 non{TRIAL}")
    assert same.lines == [
        f"{path}\u00a0: identique, les 88\u202f000 échantillons (A-law)"
    ]


# Calls


@pytest.fixture
def shell(shell):
    return shell.having(PYTHONIOENCODING="utf-8")


def test_a_plan_is_laid_out_and_sent_in_french(shell, planned):
    path, campaign = planned()
    told = shell("mailing", "send", path, "-n", *FR)
    assert told.last == "lancerait 3 appels\u202f; rien n’a été envoyé" + TRIAL
    head = next(line for line in told.lines if line.startswith("partie"))
    assert head.split() == [
        *("partie", "appels", "à", "où", "à", "leur", "heure"),
        *("heure", "de", "Europe/Paris"),
    ]
    assert "France métropolitaine" in told.out
    sent = shell("mailing", "send", path, *FR)
    assert sent.code == 0
    assert sent.last == (
        "3 sur 3 appels\u00a0: transmis. Ensuite\u00a0: voiceprep messages watch "
        f"'{campaign}'{TRIAL}"
    )
    assert "partie 1 sur 1, 3 appels\u00a0: envoi " in sent.err
    assert sent.lines[0].split() == ["partie", "appels", "état", "envoi"]
    again = shell("mailing", "send", path, *FR)
    assert again.last.startswith(
        "rien à faire\u00a0: tout est déjà transmis (appels\u00a0: 3)"
    )


def test_planning_says_how_many_and_what_is_next(shell, people, tmp_path, later):
    done = shell(
        *("mailing", "plan", "--content", "http://127.0.0.1/a.pcm"),
        *("--contacts", people, "--name", "Relance", "--window", "any"),
        *("--at", later, "-o", tmp_path / "p.json", *FR),
    )
    assert done.last == (
        "3 appels au plan, en 1 envoi\u202f; rien n’est envoyé. Ensuite\u00a0: "
        f"voiceprep mailing send {tmp_path}/p.json{TRIAL}"
    )
    assert "non vérifié\u00a0: ce n’est pas un contenu de ce compte" in done.err
    skipped = next(line for line in done.lines if line.startswith("écartés"))
    assert skipped.endswith("1 trop peu de chiffres\u00a0: un numéro court, ou coupé")


def test_what_stays_unclear_names_its_command_in_french(shell, planned, box):
    box.script({**CREATE, "kind": "html", "times": 1})
    path, campaign = planned()
    done = shell("mailing", "send", path, *FR)
    assert done.code == 7
    assert "la partie 1 (appels\u00a0: 3) a peut-être été transmise" in done.last
    assert (
        f"puis `voiceprep mailing resolve '{campaign}' --part 1 --called` ou "
        "--not-called"
    ) in done.last
    would = shell("mailing", "resolve", campaign, "--part", 1, "--called", "-n", *FR)
    assert would.last == f"trancherait la partie 1 de '{campaign}'{TRIAL}"
    settled = shell("mailing", "resolve", campaign, "--part", 1, "--not-called", *FR)
    assert settled.last == (
        f"partie 1 de '{campaign}' (prévu)\u00a0: tranchée sur votre parole{TRIAL}"
    )


def test_the_brake_says_what_it_stopped(shell, planned):
    path, campaign = planned()
    shell("mailing", "send", path)
    would = shell("mailing", "stop", campaign, "-n", *FR)
    assert (
        would.last
        == "arrêterait 3 appels en attente\u202f; rien n’a été arrêté" + TRIAL
    )
    done = shell("mailing", "stop", campaign, *FR)
    assert (done.code, done.last) == (
        0,
        (
            "arrêt de 3 appels\u202f; déjà passés\u00a0: 0\u202f; plus rien n’en peut "
            f"être envoyé{TRIAL}"
        ),
    )
    assert done.lines[1].startswith("arrêtés   3 appels de l’envoi ")
    refused = shell("mailing", "send", path, *FR)
    assert refused.code != 0


@pytest.fixture
def over(tmp_path, at):
    """A campaign that is over: one reached, one busy, one never known."""
    with Sandbox(tmp_path / "over", clock="manual") as box:
        calls = Calls(box)
        calls.order([mobile(n) for n in (1, 2, 5)])
        box.advance(3_600)
        yield at(box).having(PYTHONIOENCODING="utf-8"), calls.name


def test_statistics_are_counted_in_french(over):
    us, name = over
    done = us("mailing", "stats", "--name", name, *FR)
    assert done.last == f"1 envoi\u00a0: 3 messages, 1 joint (33,33\u00a0%){TRIAL}"
    assert "non joints\u00a0: 1 " in done.err
    assert "33,33" in done.lines[-1]
    assert "nom" in done.lines[0].split()
    reasons = us("mailing", "stats", "--name", name, "--by", "reason", *FR)
    assert reasons.lines[0].split("  ")[0] == "non joints parce que"
    for form in (["--json"], ["--csv"], ["--csv", "--by", "reason"]):
        words = ("mailing", "stats", "--name", name, *form)
        assert us(*words, *FR).out == us(*words).out
    missing = us("mailing", "stats", "999999", *FR)
    assert missing.last == f"0 envoi\u202f; introuvables\u00a0: 999999\u00a0: {NONE}"


NONE = f"aucun message{TRIAL}"


def test_mailings_are_listed_in_french(over):
    us, _ = over
    done = us("mailing", "list", *FR)
    assert done.last.startswith("1 envoi. Ensuite\u00a0: voiceprep mailing stats ")
    assert done.last.endswith(TRIAL)
    assert done.lines[0].split()[:4] == ["id", "nom", "média", "état"]
    shown = us("mailing", "show", "999999", *FR)
    assert shown.last == f"0 envoi\u202f; introuvables\u00a0: 999999{TRIAL}"


def test_who_may_be_called_again_is_said(over):
    us, name = over
    done = us("mailing", "retry-list", "--name", name, *FR)
    assert done.last == (
        "1 personne à rappeler. Ensuite\u00a0: voiceprep mailing retry-list … -o FILE"
        + TRIAL
    )
    assert "1 à ne pas rappeler\u00a0: a été joint" in done.err
    titles = ["destinataire", "message", "motif", "appels passés"]
    assert re.split(" {2,}", done.lines[0]) == titles


# The whole way


def test_a_campaign_goes_the_whole_way_in_french(cli, at, people, samples, tmp_path):
    with Sandbox(tmp_path / "fast", clock=300) as box:
        us = at(box).having(PYTHONIOENCODING="utf-8")
        words = ("campaign", "run", samples / "clean.mp3", people)
        words += ("--name", "Relance", "--window", "any", *FR)
        would = us(*words, "-n")
        assert would.last == (
            "ferait contrôle, préparation, dépôt, vérification, plan, accord, envoi, "
            "suivi, bilan dans relance.campaign\u202f; rien n’a été fait"
        )
        done = us(*words, timeout=120)
        again = us(*words, timeout=120)
    steps = [line[4:17].rstrip() for line in done.err.splitlines() if "/9 " in line]
    assert steps == [
        *("contrôle", "préparation", "dépôt", "vérification", "plan", "accord"),
        *("envoi", "suivi", "bilan"),
    ]
    assert "conforme, 13,3\u00a0s\u202f; 3 contacts sur 4 peuvent être" in done.err
    assert re.search(r"3 appels\u00a0: \d programmés, \d en cours, \d joints", done.err)
    assert not [each for each in done.err.splitlines() if LOOSE.search(each)]
    assert done.last.startswith("appels transmis pour 'Relance [vp-")
    assert re.fullmatch(r"deliverability +\d+,\d+", done.lines[-1])
    assert done.last.endswith(TRIAL)
    assert again.last.startswith("rien à faire\u00a0: tous les appels de 'Relance [vp-")


def test_a_proof_ends_with_what_is_left_to_do(shell, planned):
    path, _ = planned(content=None)
    done = shell("campaign", "proof", path, *FR)
    assert done.last == (
        f"à signer. Ensuite\u00a0: --approved FILE, ou voiceprep mailing send {path}"
    )
    unheard, _ = planned(name="Autre")
    assert shell("campaign", "proof", unheard, *FR).last.startswith(
        "personne n’a vérifié ce qui sera entendu\u00a0: écoutez-le avant voiceprep "
    )
    assert json.loads(shell("campaign", "proof", path, "--json", *FR).out)["results"]


# Lists, messages, contents


def test_messages_are_followed_and_listed_in_french(over):
    us, name = over
    done = us("messages", "watch", name, *FR)
    assert done.last == (
        "terminés\u00a0: 3 appels (joints\u00a0: 1, non joints\u00a0: 1, "
        "inconnus\u00a0: 1). Ensuite\u00a0: voiceprep mailing stats --name "
        f"'{name}'{TRIAL}"
    )
    assert "3 appels\u00a0: 0 programmés, 0 en cours, 1 joint, 1 non" in done.err
    assert [line.split()[0] for line in done.lines] == [
        *("état", "wait", "on", "ok", "ko", "no", "total"),
    ]
    listed = us("messages", "list", "--name", name, *FR)
    assert listed.last.startswith("3 messages\u00a0: 1 ")
    assert "1 joint" in listed.last
    assert "1 non joint" in listed.last
    for form in (["--json"], ["--csv"]):
        words = ("messages", "list", "--name", name, *form)
        assert us(*words, *FR).out == us(*words).out


def test_listening_says_what_it_would_do(us):
    done = us("messages", "listen", "--port", 18_799, "-n", *FR)
    assert done.last == "écouterait sur 127.0.0.1, port 18799"


def test_a_list_of_contacts_is_judged_in_french(cli, people, tmp_path):
    done = cli("contacts", "check", people, *FR)
    assert done.code == 1
    assert done.last == (
        "3 contacts à appeler, 1 impossible. Ensuite\u00a0: ajoutez -o DIR pour écrire "
        "les listes"
    )
    assert [line.split()[0] for line in done.lines] == [
        *("lignes", "acceptés", "refusés"),
    ]
    assert done.lines[-1].endswith(
        "short\u00a0: trop peu de chiffres\u00a0: un numéro court, ou coupé"
    )
    assert "people.csv\u00a0: colonne 'tel', " in done.err
    parts = cli("contacts", "split", people, "-o", tmp_path / "parts", *FR)
    assert parts.last == "3 contacts en 1 partie, 1 impossible"
    same = [cli("contacts", "check", people, "--json", *lang).out for lang in (FR, ())]
    assert same[0] == same[1]


def test_contents_are_listed_and_deleted_in_french(shell, uploaded):
    uploaded()
    listed = shell("content", "list", *FR)
    assert listed.last.startswith("1 contenu. Ensuite\u00a0: voiceprep content show ")
    number = listed.lines[1].split()[0]
    would = shell("content", "delete", number, "-n", *FR)
    assert would.last == f"serait supprimé\u00a0: 1 contenu{TRIAL}"
    gone = shell("content", "show", "999999", *FR)
    assert gone.last == f"0 contenu\u202f; introuvables\u00a0: 999999{TRIAL}"
    called = shell("api", "GET", "contents", *FR)
    assert called.last.endswith(f"\u00a0: 200, sous content_url{TRIAL}")


# About the program


def test_the_demo_ends_in_french(cli, record, tmp_path):
    record("a.wav", seed=1, folder=tmp_path / "own")
    record("short.wav", seconds=9.0, seed=3, folder=tmp_path / "own")
    done = cli("demo", tmp_path / "own", *FR)
    assert done.last == (
        "1 envoyé et vérifié octet par octet, 1 refusé. Ensuite\u00a0: voiceprep check "
        f"YOUR-RECORDING{TRIAL}"
    )
    assert done.lines[0].split()[:3] == ["enregistrement", "verdict", "secondes"]
    assert done.lines[2].split(maxsplit=3)[1:3] == ["refusé", "9,0"]


def test_the_doctor_ends_in_french_also_where_settings_are_broken(cli):
    done = cli("doctor", *FR)
    assert done.last == "tout y est. Ensuite\u00a0: voiceprep demo"
    assert "bon     réglages\u00a0: aucun\u00a0: le bac à sable" in done.lines
    broken = cli("doctor", *FR, env={"VOICEPREP_CLIENT_ID": ""})
    assert (broken.code, broken.last) == (2, "à corriger\u00a0: réglages")
    assert "MANQUE  réglages\u00a0: client_id" in broken.out


def test_the_sandbox_says_where_it_would_run(cli, tmp_path):
    done = cli("sandbox", "--port", 18_798, "--data", tmp_path / "box", "-n", *FR)
    assert done.last == (
        "tournerait sur 127.0.0.1, port 18798, avec ses données dans "
        f"{tmp_path / 'box'}"
    )


# Errors


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], "il manque l’argument 'PATH...'."),
        (["prepare", "a.wav"], "il manque l’option '-o' / '--out'."),
        (["check", "x", "--nope"], "l’option «\u00a0--nope\u00a0» n’existe pas."),
        (
            ["check", "x", "--fxi", "all"],
            (
                "l’option «\u00a0--fxi\u00a0» n’existe pas. Vouliez-vous dire "
                "«\u00a0--fix\u00a0»\u202f?"
            ),
        ),
        (
            ["mailing", "list", "--state", "foo"],
            (
                "valeur incorrecte pour '--state'\u00a0: «\u00a0foo\u00a0» n’est pas "
                "dans la liste 'wait', 'on', 'done', 'cancelled'."
            ),
        ),
        (
            ["check", "x", "-j", "99"],
            (
                "valeur incorrecte pour '-j' / '--jobs'\u00a0: 99 n’est pas dans "
                "l’intervalle 1<=x<=64."
            ),
        ),
        (
            ["chekc"],
            (
                "la commande «\u00a0chekc\u00a0» n’existe pas. Vouliez-vous dire "
                "«\u00a0check\u00a0»\u202f?"
            ),
        ),
        (["mailing", "list", "a"], "un argument est de trop (a)"),
        (
            ["mailing", "list", "--csv", "--json"],
            "--csv et --json sont deux formats\u202f; choisissez-en un",
        ),
    ],
)
def test_a_usage_error_is_framed_and_said_in_french(cli, words, said):
    done = cli(*words, env={"LANG": "fr_FR.UTF-8"})
    assert (done.code, done.out) == (2, "")
    first, second, _, last = done.err.splitlines()
    assert first.startswith("Utilisation\u00a0: voiceprep ")
    assert second.startswith("Pour de l’aide\u00a0: voiceprep ")
    assert last == f"Erreur\u00a0: {said}"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["check", "a.wav", "--profile", "foo"],
            2,
            "il n’y a pas de profil 'foo'\u202f; il y a\u00a0: ",
        ),
        (
            ["mailing", "send", "absent.json"],
            2,
            (
                "absent.json\u00a0: ce fichier ou ce dossier n’existe pas\u202f; "
                "vérifiez le chemin"
            ),
        ),
        (
            ["batch", "status", "absent"],
            2,
            "absent\u00a0: aucun traitement n’y a écrit\u202f; indiquez son dossier",
        ),
        (["check", "a.wav", "--fix", "foo"], 2, "--fix 'foo' est inconnu\u202f; "),
        (
            ["mailing", "stats", "--name", "nope"],
            6,
            "rien ne porte le nom 'nope'",
        ),
        (
            ["mailing", "stop", "nope"],
            6,
            "rien ne porte le nom 'nope'",
        ),
        (
            ["messages", "watch", "nope"],
            6,
            "aucun envoi de la plateforme",
        ),
    ],
)
def test_an_error_is_said_in_french(us, words, code, said):
    done = us(*words, *FR)
    assert done.code == code
    assert done.last.startswith(f"voiceprep: {said}")


def test_credentials_that_are_refused_are_said_in_french(us):
    wrong = us.having(VOICEPREP_CLIENT_SECRET="nope", VOICEPREP_CLIENT_SECRET_FILE="")
    wrong.env.pop("VOICEPREP_CLIENT_SECRET_FILE")
    done = wrong("content", "list", *FR)
    assert done.code == 4
    assert "\u00a0: la plateforme refuse les identifiants" in done.last
    assert "\u202f; vérifiez client_id et son secret\u00a0: " in done.last
