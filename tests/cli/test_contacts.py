import stat
from pathlib import Path

import pytest

LIST = "Nom;Téléphone\nMartin;06.12.34.56.78\nDurand;612345679\nPetit;15\n"


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "clients.csv"
    path.write_text(LIST)
    return path


def test_check_counts_and_says_what_to_do_next(cli, listed, tmp_path):
    done = cli("contacts", "check", listed, "-o", tmp_path / "out")
    assert done.code == 1
    assert [line.split()[:2] for line in done.lines] == [
        ["rows", str(listed)],
        ["accepted", "1"],
        ["mended", "1"],
        ["refused", "1"],
        ["refused", "1"],
    ]
    assert done.last == (
        "1 contact can be called, 2 can't; 1 could be mended with --repair: "
        f"see {tmp_path}/out/accepted.csv and {tmp_path}/out/rejected.csv"
    )
    mode = (tmp_path / "out" / "accepted.csv").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600  # numbers of persons


def test_json_says_the_same_as_text(cli, listed, tmp_path):
    done = cli("contacts", "check", listed, "-o", tmp_path / "out", "--json")
    assert done.code == 1
    assert done.json["schema"] == "voiceprep.contacts.check/1"
    assert done.results == [
        {
            "path": str(listed),
            "encoding": "utf-8",
            "delimiter": ";",
            "sheet": "",
            "header_row": 1,
            "column": "Téléphone",
            "optout_columns": [],
            "other_columns": [],
            "hidden_rows": 0,
            "rows": 3,
            "accepted": 1,
            "duplicates": 0,
            "refused": 2,
            "proposals": 1,
            "kinds": {"mobile": 1},
            "mends": {"separators": 1},
            "reasons": {"lost_zero": 1, "short": 1},
            "unread": {},
            "outputs": {
                "accepted": f"{tmp_path}/out/accepted.csv",
                "rejected": f"{tmp_path}/out/rejected.csv",
            },
        }
    ]


def test_without_o_or_with_n_nothing_is_written(cli, listed, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert cli("contacts", "check", listed).code == 1
    assert cli("contacts", "check", listed, "-o", tmp_path / "out", "-n").code == 1
    assert cli("contacts", "split", listed, "-o", tmp_path / "out", "-n").code == 1
    assert sorted(tmp_path.iterdir()) == before


def test_repair_uses_what_was_proposed(cli, listed):
    done = cli("contacts", "check", listed, "--repair", "--json")
    assert (done.code, done.results[0]["accepted"]) == (1, 2)


def test_a_list_without_faults_exits_0_also_with_duplicates(cli):
    text = b"tel\n0612345678\n+33612345678\n"
    done = cli("contacts", "check", "-", "--json", stdin=text)
    assert (done.code, done.results[0]["duplicates"]) == (0, 1)


def test_numbers_are_masked_unless_asked_for(cli, listed):
    hidden = cli("contacts", "check", listed, "-v")
    assert "row 3: 61 ••••• 79" in hidden.err
    assert "612345679" not in hidden.err + hidden.out
    assert "612345679" in cli("contacts", "check", listed, "-v", "--show-numbers").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.csv"], "missing.csv: no such file; check the path"),
        (["."], ".: a folder; name the list in it"),
        (["-", "--column", "fax"], "no column 'fax'"),
        (["-", "--encoding", "klingon"], "there is no encoding 'klingon'"),
        (["-", "--suppress", "missing.txt"], "missing.txt: no such file"),
        (["-", "--require-consent"], "consent_at"),
        (["-", "--delimiter", "abc"], "parted by one sign, such as ;, not 'abc'"),
    ],
)
def test_what_can_not_be_done_is_a_usage_error(cli, words, said):
    done = cli("contacts", "check", *words, stdin=b"tel\n0612345678\n")
    assert (done.code, done.out) == (2, "")
    assert said in done.last


def test_split_writes_parts_of_a_mailing_s_size(cli, tmp_path):
    rows = [f"06{n:08}" for n in range(12_000_000, 12_002_500)]
    path = tmp_path / "list.csv"
    path.write_text("tel\n" + "\n".join(rows))
    done = cli("contacts", "split", path, "-o", tmp_path / "parts")
    names = [f"{tmp_path}/parts/part-{n:03}.csv" for n in (1, 2, 3)]
    assert (done.code, done.lines) == (0, names)
    sizes = [len(Path(name).read_text().splitlines()) - 1 for name in names]
    assert sizes == [1_000, 1_000, 500]
    again = cli("contacts", "split", path, "-o", tmp_path / "parts", "--size", "600")
    assert len(again.lines) == 5
    cli("contacts", "split", path, "-o", tmp_path / "parts")
    assert len(list((tmp_path / "parts").glob("part-*.csv"))) == 3


def test_what_a_list_may_mean_otherwise_is_said(cli, tmp_path):
    path = tmp_path / "club.csv"
    rows = "A;0112345678;0612345678;\nB;0112345679;;x\n"
    path.write_text(f"Club\nNom;Fixe;Portable;Ne plus appeler\n{rows}")
    words = ("contacts", "check", path, "--media", "voice")
    done = cli(*words, "--column", "Portable")
    assert "the titles are in row 2; not read above them: 1 row" in done.err
    assert "who has a yes in 'Ne plus appeler' is left out" in done.err
    assert "numbers are in 'Fixe' too: say both with --column" in done.err
    both = cli(*words, "--column", "Portable", "--column", "Fixe", "--lang", "fr")
    assert "colonne 'Portable, Fixe'" in both.err
    assert "qui a un oui dans 'Ne plus appeler' est écarté" in both.err
    path.write_text(f"Nom;Fixe;Portable;Note\n{rows}")
    assert "no column says who must not be called" in cli(*words).err
