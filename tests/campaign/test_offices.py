"""Lists as offices keep them: titles above titles, several sheets, marks for Excel."""

import csv
import io
import zipfile
from datetime import date

import openpyxl
import pytest

from voiceprep.campaign.sheets import Form
from voiceprep.errors import SettingsError
from voiceprep.pipeline.contacts import Asked, check_contacts

HEAD = ["Nom", "Mobile", "Ne pas appeler"]
ONE, TWO = ["A", "0612345678", ""], ["B", "0612345679", "x"]


def check(source, folder=None, **asked):
    media = asked.pop("media", "VOICEMAIL")
    return check_contacts(Asked(source, media, **asked), folder, today=date(2026, 3, 1))


def csv_of(*rows):
    lines = "\r\n".join(";".join(row) for row in rows)
    return io.BytesIO(f"{lines}\r\n".encode("cp1252"))


@pytest.fixture
def book(tmp_path):
    """Write a workbook of titled sheets; the last is the one that was looked at."""

    def of(**sheets):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title.replace("_", " "))
            for row in rows:
                sheet.append(row)
        workbook.active = len(sheets) - 1
        path = tmp_path / "club.xlsx"
        workbook.save(path)
        return path

    return of


# Titles


@pytest.mark.parametrize(
    "above",
    [
        [["Club de Lyon", "", ""]],
        [["Liste des téléphones", "", ""]],
        [["Adhérents 2026", "", ""], ["au 12 novembre", "", ""], ["", "", ""]],
        [["", "Liste téléphonique", ""]],
        [["Édité par", "le secrétariat (tél. au club)", "le 12"]],
    ],
)
def test_titles_stand_below_what_the_list_is_about(above):
    found = check(csv_of(*above, HEAD, ONE, TWO))
    assert found.columns.title == "Mobile"
    assert found.columns.header_row == len(above) + 1
    assert found.columns.above == len([row for row in above if any(row)])
    assert dict(found.tally.reasons) == {"optout": 1}
    assert (found.tally.rows, found.tally.accepted) == (2, 1)


@pytest.mark.parametrize(
    "first",
    [
        ["C", "", ""],
        ["C", "pas de tél.", ""],
        ["C", "absent", "oui"],
        ["C", "06 12", ""],
        ["C", "tel perdu", "STOP demandé le 3"],
    ],
)
def test_a_first_contact_without_a_number_is_refused_and_no_title(first, tmp_path):
    found = check(csv_of(HEAD, first, ONE, TWO), tmp_path)
    assert (found.columns.header_row, found.columns.above) == (1, 0)
    assert (found.tally.rows, found.tally.accepted) == (3, 1)
    assert "\n2," in (tmp_path / "rejected.csv").read_text()


def test_a_column_is_named_by_its_title_wherever_that_stands():
    rows = [["Club", "", ""], ["Nom", "Fixe", "Portable"]]
    rows += [["A", "0112345678", "0612345678"]]
    found = check(csv_of(*rows), media="VOICE", columns=["portable"])
    assert (found.columns.numbers, found.columns.header_row) == ((2,), 2)
    with pytest.raises(SettingsError, match="it has: Nom, Fixe, Portable"):
        check(csv_of(*rows), media="VOICE", columns=["gsm"])
    rows[1][1] = "Tél. fixe"
    with pytest.raises(SettingsError, match=r"columns 'Tél\. fixe', 'Portable' hold"):
        check(csv_of(*rows), media="VOICE")


@pytest.mark.parametrize(
    "title",
    [
        *("Ne plus appeler", "Ne pas appeler (x)", "Refus d'appel", "Pas d’appel"),
        *("Ne souhaite pas être appelé", "Refuse les appels", "Opposé aux appels"),
        *("Désinscrit(e)", "Liste noire", "do not contact", "Opted out"),
    ],
)
def test_a_column_of_refusals_is_known_by_what_its_title_says(title):
    found = check(csv_of(["Nom", "Mobile", title], ONE, TWO))
    assert dict(found.tally.reasons) == {"optout": 1}
    assert found.as_json()["optout_columns"] == [title]


@pytest.mark.parametrize(
    "title", ["Appelé le", "À rappeler", "Contact", "Pas-de-Calais", "NPA", "Accord"]
)
def test_no_other_column_is_taken_for_refusals(title):
    found = check(csv_of(["Nom", "Mobile", title], ONE, TWO))
    assert (found.tally.accepted, found.as_json()["optout_columns"]) == (2, [])


@pytest.mark.parametrize(
    "title",
    [
        *("Accepte les appels", "Appel autorisé", "OK pour appel", "Opt-in"),
        *("Peut être appelé", "Souhaite être appelé", "Consentement"),
    ],
)
def test_a_no_to_being_called_is_heeded_too(title):
    rows = [["A", "0612345678", "oui"], ["B", "0612345679", "Non"]]
    found = check(csv_of(["Nom", "Mobile", title], *rows, ["C", "0612345670", ""]))
    assert dict(found.tally.reasons) == {"optout": 1}


@pytest.mark.parametrize(
    "words",
    [
        *("ne pas appeler", "Ne plus appeler SVP", "désinscrit le 3", "STOP", "stop !"),
        *("ne souhaite pas être appelé", "pas d'appel", "do not call", "Opposition"),
        "il ne veut plus qu'on l'appelle",
    ],
)
def test_what_any_cell_says_of_it_is_heeded(words):
    rows = [["A", "0612345678", "client"], ["B", "0612345679", words]]
    found = check(csv_of(["Nom", "Mobile", "Remarques"], *rows))
    assert dict(found.tally.reasons) == {"optout": 1}
    beside = check(csv_of(["A", f"0612345678 {words}"], ["B", "0612345679"]))
    assert beside.tally.accepted == 1


@pytest.mark.parametrize(
    "words",
    ["n'a pas rappelé", "n'est plus à Lyon", "rue du Stop", "a rappelé", "plus tard"],
)
def test_other_words_keep_nobody_from_being_called(words):
    found = check(csv_of(["Nom", "Mobile", "Note"], ["A", "0612345678", words]))
    assert found.tally.accepted == 1
    parted = check(csv_of(["A", "n'est plus", "appelé", "0612345678"]))
    assert parted.tally.accepted == 1


def test_words_in_a_later_row_count_for_an_earlier_one_of_the_number():
    rows = [["A", "0612345678", ""], ["A", "06 12 34 56 78", "ne plus appeler"]]
    assert check(csv_of(["Nom", "Mobile", "Note"], *rows)).tally.accepted == 0


def test_refusals_are_found_in_titles_below_contacts():
    office = [["Présidente", "0612345671", ""], ["", "", ""]]
    found = check(csv_of(["Bureau", "", ""], *office, HEAD, ONE, TWO))
    assert dict(found.tally.reasons) == {"letters": 1, "optout": 1}
    bare = check(csv_of(*(row for row in office if any(row)), HEAD, ONE, TWO))
    assert dict(bare.tally.reasons) == {"letters": 1, "optout": 1}


def test_refusals_are_found_in_titles_of_two_lines():
    two = [["", "Coordonnées", "", "Ne pas appeler"], ["Nom", "Mobile", "Ville", ""]]
    found = check(csv_of(*two, ["A", "0612345678", "Lyon", "x"]))
    assert dict(found.tally.reasons) == {"optout": 1}
    over = [["", "", "Ne pas appeler", ""], ["Nom", "Mobile", "le matin", "le soir"]]
    rows = [["A", "0612345678", "", "x"], ["B", "0612345679", "", ""]]
    found = check(csv_of(["Club", "de", "Lyon", ""], *over, *rows))
    assert dict(found.tally.reasons) == {"optout": 1}


def test_who_has_two_numbers_in_one_cell_and_an_x_is_called_at_neither():
    rows = [["E", "0612345673 / 0612345674", "x"], ["F", "0612345673", ""]]
    found = check(csv_of(HEAD, *rows, ["G", "0612345674", ""], ONE))
    assert dict(found.tally.reasons) == {"several": 1, "optout": 2}


def test_only_who_would_be_called_counts_as_mendable():
    rows = [["A", "612345678", ""], ["B", "612345678", ""], ["C", "612345679", "x"]]
    rows += [["D", "612345670", ""], ["D", "0612345670", ""], ["E", "612345671", ""]]
    found = check(csv_of(HEAD, *rows))
    mended = check(csv_of(HEAD, *rows), repair=True)
    # D is called once in any case, though its mendable row comes first.
    assert (found.tally.accepted, mended.tally.accepted) == (1, 3)
    assert found.tally.proposals == 3
    assert found.tally.reasons["optout"] == 1


# Two numbers a person


BOTH = [
    ["Nom", "Fixe", "Portable", "Stop"],
    ["A", "0112345678", "", ""],
    ["B", "0112345679", "0612345679", ""],
    ["C", "", "0612345670", ""],
    ["D", "0112345671", "06", ""],
    ["E", "", "", ""],
    ["F", "0112345672", "0612345672", "x"],
    ["G", "", "0612345672", ""],
]


def test_the_second_column_is_called_where_the_first_has_no_number(tmp_path):
    found = check(csv_of(*BOTH), tmp_path, media="VOICE", columns=["Portable", "Fixe"])
    lines = (tmp_path / "accepted.csv").read_text().splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == [
        *("+33112345678", "+33612345679", "+33612345670", "+33112345671"),
    ]
    assert found.columns.title == "Portable, Fixe"
    # G has the number of F, who asked for no more calls.
    assert dict(found.tally.reasons) == {"empty": 1, "optout": 2}
    assert found.columns.others == ()


def test_another_column_of_numbers_is_told(tmp_path):
    found = check(csv_of(*BOTH), media="VOICE", columns=["Portable"])
    assert found.as_json()["other_columns"] == ["Fixe"]
    mailbox = check(csv_of(*BOTH))  # where fixed lines have none
    assert mailbox.as_json()["other_columns"] == []
    check(csv_of(*BOTH), tmp_path, media="VOICE", columns=["Portable"])
    again = check(tmp_path / "accepted.csv", media="VOICE")
    assert (again.columns.title, again.columns.others) == ("recipient", ())


def test_who_is_refused_stands_in_rejected_with_all_that_the_list_says(tmp_path):
    check(csv_of([*HEAD, "reason"], ["C", "15", "", "=1+1"], [*ONE, ""]), tmp_path)
    with (tmp_path / "rejected.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["reason"], row["value"], row["Nom"]) == ("short", "15", "C")
    titles = ["row", "value", "reason", "proposal", "explanation", *HEAD]
    assert list(row) == titles  # of two columns of one name, ours


def test_a_date_of_consent_may_be_a_number_of_excel():
    titles = ["tel", "consent_at", "consent_source"]
    rows = [["0612345678", "46082", "form"], ["0612345679", "46083", "form"]]
    found = check(csv_of(titles, *rows), require_consent=True)
    # Excel: =DATE(2026;3;1) shown as a number is 46082; today is that day.
    assert dict(found.tally.reasons) == {"no_consent": 1}


# A line for Excel


@pytest.mark.parametrize("said", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_tells_excel_what_parts_cells_is_no_row(said, tmp_path):
    found = check(csv_of([said], HEAD, ["C", "15", ""], ONE, TWO), tmp_path)
    assert (found.delimiter, found.columns.header_row) == (";", 1)
    assert dict(found.tally.reasons) == {"short": 1, "optout": 1}
    # Excel shows the titles beside 1.
    assert "\n2,15,short" in (tmp_path / "rejected.csv").read_text()


def test_what_excel_is_told_parts_cells_though_another_sign_would_do():
    text = b"sep=|\nA;B|0612345678\nC;D|0612345679\n"
    assert check(io.BytesIO(text)).delimiter == "|"


def test_a_quote_is_told_by_its_line_in_the_file():
    rows = [["sep=;"], ["Nom", "Tel"], ['"A', "0612345678"], ["B", "0612345679"]]
    with pytest.raises(SettingsError, match="line 3: a quote opens there"):
        check(csv_of(*rows, ['C"', "0612345670"]))


# Sheets


def test_the_sheet_with_numbers_is_the_list_whichever_was_looked_at(book):
    path = book(Infos=[["Club"]], Membres=[HEAD, ONE, TWO], Bilan=[["Total", 2]])
    found = check(path)
    assert (found.worksheet, found.tally.accepted) == ("Membres", 1)
    assert found.as_json()["sheet"] == "Membres"


def test_of_two_sheets_with_numbers_a_person_says_which(book):
    path = book(Membres=[HEAD, ONE], Ne_plus_appeler=[HEAD, TWO])
    told = "sheets 'Membres', 'Ne plus appeler' hold telephone numbers; say which"
    with pytest.raises(SettingsError, match=told):
        check(path)
    found = check(path, form=Form(worksheet="membres "))
    assert (found.worksheet, found.tally.accepted) == ("Membres", 1)
    with pytest.raises(SettingsError, match="no sheet 'X'; it has: Membres, Ne plus"):
        check(path, form=Form(worksheet="X"))


def test_a_hidden_sheet_is_read_where_it_is_named_only(book, tmp_path):
    path = book(Membres=[HEAD, ONE], Vieux=[HEAD, ["C", "0612345670", ""]])
    workbook = openpyxl.load_workbook(path)
    workbook["Vieux"].sheet_state = "hidden"
    workbook.active = 0
    workbook.save(path)
    assert check(path).worksheet == "Membres"
    assert check(path, form=Form(worksheet="Vieux")).worksheet == "Vieux"


def test_hidden_rows_are_read_and_told(book):
    path = book(Membres=[HEAD, ONE, TWO, ["C", "0612345670", "<row hidden='1'"]])
    workbook = openpyxl.load_workbook(path)
    for row in (3, 4):
        workbook.active.row_dimensions[row].hidden = True
    workbook.save(path)
    found = check(path)
    assert (found.tally.rows, found.hidden) == (3, 2)
    assert found.as_json()["hidden_rows"] == 2


def test_all_sheets_of_a_list_to_suppress_are_read(book, tmp_path):
    path = book(Stop=[["06 12 34 56 78"]], Autres=[["tel"], ["06 12 34 56 79"]])
    found = check(csv_of(HEAD, ONE, ["B", "0612345679", ""]), suppress=[path])
    assert dict(found.tally.reasons) == {"suppressed": 2}


def test_a_sheet_that_says_it_has_one_cell_is_read_whole(book, tmp_path):
    path, lying = book(Membres=[HEAD, ONE, TWO]), tmp_path / "lying.xlsx"
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(lying, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b'<dimension ref="A1:C3"' in content
                content = content.replace(b"A1:C3", b"A1")
            bad.writestr(name, content)
    assert check(lying).tally.rows == 2


def test_a_csv_has_no_sheets():
    with pytest.raises(SettingsError, match="- is no spreadsheet and has no sheets"):
        check(csv_of(HEAD, ONE), form=Form(worksheet="Membres"))
