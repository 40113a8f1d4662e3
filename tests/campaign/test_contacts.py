"""Lists as people have them, sorted out: judged by hand-written rows."""

import csv
import hashlib
import io
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceprep.campaign.cells import defused
from voiceprep.campaign.columns import columns_of
from voiceprep.campaign.contacts import Wishes, parts, sift, written
from voiceprep.campaign.numberset import NumberSet
from voiceprep.campaign.sheets import HEAD, opened
from voiceprep.errors import SettingsError
from voiceprep.pipeline.contacts import Asked, check_contacts

LIST = "Nom;Téléphone\nMartin;06.12.34.56.78\nDurand;0612345679\n"


def check(source, folder=None, **asked):
    if isinstance(source, str):
        source = source.encode()
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    media = asked.pop("media", "VOICEMAIL")
    return check_contacts(Asked(source, media, **asked), folder, today=date(2026, 3, 1))


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reasons(found):
    return dict(found.tally.reasons)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_form_of_csv_is_found_out(delimiter, encoding, end):
    text = LIST.replace(";", delimiter).replace("\n", end)
    found = check(text.encode(encoding))
    assert (found.delimiter, found.encoding) == (delimiter, encoding)
    assert (found.columns.title, found.tally.accepted) == ("Téléphone", 2)


def test_a_list_of_numbers_alone_needs_neither_header_nor_delimiter():
    found = check("0612345678\n0612345679\n")
    assert (found.delimiter, found.tally.rows, found.tally.accepted) == ("", 2, 2)


def test_a_long_list_is_read_whole():
    text = "tel\n" + "".join(f"06{n:08}\n" for n in range(12_000_000, 12_001_000))
    assert check(text).tally.accepted == 1_000
    assert len(text.splitlines()) > HEAD


def test_a_late_accent_of_cp1252_is_noticed_before_the_work_begins():
    many = "".join(f"Martin;06{n:08}\n" for n in range(12_000_000, 12_010_000))
    text = f"Nom;Tel\n{many}Bénard;0699999999\n"
    found = check(text.encode("cp1252"))
    assert (found.encoding, found.tally.accepted) == ("cp1252", 10_001)


def test_cells_with_line_ends_count_as_one_row(tmp_path):
    check('Nom,Tel\n"a\nb",0612345678\nc,15\n', tmp_path)
    assert [row["row"] for row in rows_of(tmp_path / "rejected.csv")] == ["3"]


@pytest.mark.parametrize(
    "title", ["opt_out", "Opted out", "Désinscrit(e)", "STOP", "Do not contact"]
)
@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *(
            ("oui", "optout"),
            ("1", "optout"),
            ("x", "optout"),
            ("2026-01-03", "optout"),
        ),
        *(("", None), ("non", None), ("0", None), ("False", None)),
    ],
)
def test_a_column_of_optouts_is_heeded(title, cell, reason):
    found = check(f"tel;{title}\n0612345678;{cell}\n0612345679;\n")
    assert reasons(found) == ({reason: 1} if reason else {})


def saved(*sheets, active=0):
    book = openpyxl.Workbook()
    made = [book.active, *(book.create_sheet() for _ in sheets[1:])]
    for rows, sheet in zip(sheets, made, strict=True):
        for row in rows:
            sheet.append(row)
    book.active = active
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("size", [b"A1", b"A1:A3", b"A1:B2"])
def test_a_spreadsheet_that_tells_a_smaller_size_is_read_whole(size):
    rows = (["tel", "stop"], ["0612345678", ""], ["0612345679", "oui"])
    told, untold = io.BytesIO(saved([*rows, ["0612345670", ""]])), io.BytesIO()
    with zipfile.ZipFile(told) as given, zipfile.ZipFile(untold, "w") as made:
        for name in given.namelist():
            part = given.read(name)
            if name.endswith("sheet1.xml"):
                assert b'ref="A1:B4"' in part
                part = part.replace(b'ref="A1:B4"', b'ref="%s"' % size)
            made.writestr(name, part)
    found = check(untold.getvalue())
    assert (found.tally.rows, reasons(found)) == (3, {"optout": 1})


@pytest.mark.parametrize("form", ["06 12 34 56 78", "612345678"])
def test_one_row_that_asks_for_no_more_calls_counts_for_every_row_of_that_number(form):
    text = f"tel;stop\n0612345678;non\n{form};oui\n0612345679;\n"
    found = check(text)
    assert found.tally.accepted == 1
    assert found.tally.reasons["optout"] >= 1


def test_a_title_above_the_header_hides_no_column(tmp_path):
    text = "Export des tel. ;;\nNom;Tel;Stop\nA;0612345678;oui\nB;0612345679;\n"
    found = check(text, tmp_path)
    assert (found.columns.title, reasons(found)) == ("Tel", {"optout": 1})
    assert [row["Nom"] for row in rows_of(tmp_path / "accepted.csv")] == ["B"]
    consent = "Export;;\nTel;consent_at;consent_source\n0612345678;2026-02-01;web\n"
    assert check(consent, require_consent=True).tally.accepted == 1


def test_a_row_that_holds_no_number_is_no_header():
    text = "Nom;Tel;Stop\nA;pas de tel;oui\nB;0612345679;\n"
    assert reasons(check(text)) == {"letters": 1}
    assert check("Export\nNom;Ligne\nA;0612345678\n").columns.title == "Ligne"


@pytest.mark.parametrize("first", ["061234567", "15", "06 12 34 56 7", "+33 6 12"])
def test_a_first_number_that_is_none_is_refused_and_no_header(first):
    tally = check(f"{first}\n0612345678\n").tally
    assert (tally.rows, tally.refused) == (2, 1)
    dated = check("12/03/2026;\nTel;Stop\n0612345678;oui\n0612345679;\n")
    assert reasons(dated) == {"optout": 1}


def test_two_lists_that_are_written_at_once_are_not_mixed(tmp_path):
    def people(first):
        return {f"+336123456{n:02}" for n in range(first, first + 2)}

    def writing(numbers):
        text = "\n".join(["tel", *sorted(numbers)])
        with opened(io.BytesIO(text.encode())) as sheet:
            columns = columns_of(sheet, "VOICEMAIL")
            contacts = sift(sheet, columns, Wishes("VOICEMAIL"))
            yield from written(contacts, columns, tmp_path)

    first, second = writing(people(10)), writing(people(20))
    next(first)
    next(second)
    for rest, numbers in ((first, people(10)), (second, people(20))):
        assert len(list(rest)) == 1
        rows = rows_of(tmp_path / "accepted.csv")
        assert {row["recipient"] for row in rows} == numbers


def test_lines_of_an_address_are_no_rows():
    text = 'Nom,Adresse,Tel\nA,"1, rue B, bat. 2\n75001, Paris, France",0612345678\n'
    assert check(text).tally.accepted == 1
    two = 'Nom;Tel\nA;"0612345678\n0145678901"\nB;0612345679\n'
    assert check(two).tally.accepted == 1


@pytest.mark.parametrize(
    "text",
    [
        'Nom;Tel\n"A;0612345678\nB;0612345679\nC;0612345670\n',
        'Nom;Tel\n"A;0612345678\nB;0612345679\nC";0612345670\n',
        '0612345677\n"0612345678\n0612345679\n',
        'Nom;Tel\n"A;612345678\nB;612345679\nC";612345670\nD;612345671\n',
    ],
)
def test_a_quote_that_swallows_rows_is_refused_by_its_line(text, tmp_path):
    with pytest.raises(SettingsError, match="line 2: a quote opens there"):
        check(text)
    (tmp_path / "stop.csv").write_text(text)
    with pytest.raises(SettingsError, match="line 2: a quote opens there"):
        check(LIST, suppress=[tmp_path / "stop.csv"])


def test_hashes_that_a_quote_swallows_are_noticed_too(tmp_path):
    known = [hashlib.sha256(f"+336123456{n}".encode()).hexdigest() for n in (78, 79)]
    (tmp_path / "stop.csv").write_text(f'{known[0]}\n"\n{known[1]}\n')
    with pytest.raises(SettingsError, match="line 2: a quote opens there"):
        check(LIST, suppress=[tmp_path / "stop.csv"])


def test_blank_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path):
    found = check("Tel;x\n\n0612345678;\n;\n15;\n", tmp_path)
    assert found.tally.rows == 2
    assert [row["row"] for row in rows_of(tmp_path / "rejected.csv")] == ["5"]


def test_xlsx_numbers_come_as_they_were_meant(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Nom", "Mobile", "Total"],
        ["text", "06 12 34 56 78", 12.5],
        ["integer", 612345679, 1],
        ["with 33", 33612345680, 2],
        [None, None, None],
        ["float", 33612345681.0, 3],
    ):
        book.active.append(row)
    path = tmp_path / "list.xlsx"
    book.save(path)
    found = check(path, tmp_path / "out")
    assert (found.encoding, found.columns.title) == ("xlsx", "Mobile")
    assert found.tally.accepted == 3
    (lost,) = rows_of(tmp_path / "out" / "rejected.csv")
    assert (lost["row"], lost["reason"]) == ("3", "lost_zero")
    assert lost["proposal"] == "+33612345679"
    assert check(path, repair=True).tally.mends["lost_zero"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n;;\n", "is empty"),
        (b"nom;ville\nMartin;Lyon\n", "no column holds telephone numbers"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel file"),
        (b"PK\x03\x04 but no zip", "can't be read as xlsx"),
        (b"a\0b;06\0", "is no text"),
        (b"a;0612345678\nb;0612345679\n" + b"c" * 200_000 + b";1", "line 3"),
    ],
)
def test_what_is_no_list_is_said_in_a_sentence(content, words):
    with pytest.raises(SettingsError, match=words):
        check(content)


def test_two_columns_of_numbers_need_a_word():
    text = "domicile;bureau\n0145678901;0145678902\n"
    with pytest.raises(SettingsError, match=r"'domicile', 'bureau'.*--column"):
        check(text, media="VOICE")
    found = check(text, media="VOICE", columns=["Bureau"])
    assert found.columns.numbers == (1,)
    assert check(text, media="VOICE", columns=["1"]).columns.numbers == (0,)
    with pytest.raises(SettingsError, match="no column 'fax'; it has: domicile"):
        check(text, columns=["fax"])


def test_mobiles_are_found_beside_fixed_lines_and_client_numbers():
    text = "client;fixe;portable\n612345678;0145678901;0612345678\n"
    assert check(text).columns.title == "portable"


def test_one_person_is_called_once_however_written(tmp_path):
    text = "tel\n0612345678\n+33 6 12 34 56 78\n0033612345678\n06.12.34.56.78\n"
    found = check(text, tmp_path)
    assert (found.tally.accepted, found.tally.duplicates) == (1, 3)
    assert found.tally.refused == 0
    merged = rows_of(tmp_path / "rejected.csv")
    assert {row["reason"] for row in merged} == {"duplicate"}
    assert all("+33612345678" in row["explanation"] for row in merged)


def test_accepted_keeps_the_columns_and_can_be_checked_again(tmp_path):
    check(LIST, tmp_path / "one")
    path = tmp_path / "one" / "accepted.csv"
    assert rows_of(path)[0] == {
        "recipient": "+33612345678",
        "kind": "mobile",
        "row": "2",
        "Nom": "Martin",
        "Téléphone": "06.12.34.56.78",
    }
    again = check(path, tmp_path / "two")
    assert (again.columns.title, again.tally.accepted) == ("recipient", 2)
    assert not again.tally.mends


def test_the_list_itself_is_never_written_over(tmp_path):
    path = tmp_path / "accepted.csv"
    path.write_text(LIST)
    with pytest.raises(SettingsError, match="is the list itself"):
        check(path, tmp_path)
    assert path.read_text() == LIST


def test_half_a_result_never_stands_under_a_final_name(tmp_path):
    text = "tel\n0612345678\n" * 1 + "x" * 200_000 + "\n"
    rows = "".join(f"06{n:08}\n" for n in range(12_000_000, 12_001_000))
    with pytest.raises(SettingsError):
        check(f"tel\n{rows}{text}", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["+33612345678", "33612345678", "0612345678"])
@pytest.mark.parametrize("name", ["sha256", "sha1", "md5", None])
def test_suppressed_numbers_are_not_called_plain_or_hashed(tmp_path, form, name):
    stop = tmp_path / "stop.txt"
    said = hashlib.new(name, form.encode()).hexdigest() if name else form
    stop.write_text(f"who\n{said.upper()}\n")
    found = check(LIST, suppress=[stop])
    assert reasons(found) == {"suppressed": 1}
    assert found.tally.accepted == 1


def test_a_doubtful_suppression_is_on_the_safe_side(tmp_path):
    stop = tmp_path / "stop.csv"
    stop.write_text("nom;tel\nMartin;612345678\nDurand;?\n")
    found = check(LIST, suppress=[stop])
    assert reasons(found) == {"suppressed": 1}
    assert found.unread == {str(stop): 1}


@pytest.mark.parametrize("between", [" / ", "/", ", ", "; ", "\n", " ou ", " et "])
def test_every_number_of_a_suppressed_cell_counts(tmp_path, between):
    cell = between.join(["06.12.34.56.78", "0612345679"])
    (tmp_path / "stop.csv").write_text(f'nom|tel\nA|"{cell}"\n')
    found = check(LIST, suppress=[tmp_path / "stop.csv"])
    assert reasons(found) == {"suppressed": 2}


def test_a_suppression_list_without_numbers_is_some_other_file(tmp_path):
    stop = tmp_path / "stop.csv"
    stop.write_text("nom\nMartin\n")
    with pytest.raises(SettingsError, match="no number and no hash"):
        check(LIST, suppress=[stop])


@pytest.mark.parametrize(
    ("at", "source", "good"),
    [
        ("2026-02-28", "form", True),
        ("28/02/2026", "form", True),
        ("2026-02-28T10:00:00+01:00", "form", True),
        ("2026-03-02", "form", False),  # a day after today
        ("yes", "form", False),
        ("", "form", False),
        ("2026-02-28", " ", False),
    ],
)
def test_consent_needs_a_day_that_has_been_and_a_source(at, source, good):
    text = f"tel,Consent_At,consent_source\n0612345678,{at},{source}\n"
    found = check(text, require_consent=True)
    assert reasons(found) == ({} if good else {"no_consent": 1})
    assert check(text).tally.accepted == 1


def test_consent_without_its_columns_is_a_usage_error():
    with pytest.raises(SettingsError, match="consent_at and consent_source"):
        check(LIST, require_consent=True)


def test_a_held_number_is_no_duplicate_of_a_called_one():
    found = check("tel\n0612345678\n0612345678\n", held=[("too_often", lambda _: True)])
    assert reasons(found) == {"too_often": 2}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff20"])
def test_no_cell_is_one_that_a_spreadsheet_runs(tmp_path, start):
    bad = f'{start}HYPERLINK("http://x")'
    text = io.StringIO()
    csv.writer(text).writerows([["Nom", "Tel"], [bad, "0612345678"], ["x", bad]])
    check(text.getvalue(), tmp_path)
    for name in ("accepted.csv", "rejected.csv"):
        for row in rows_of(tmp_path / name):
            assert not any(cell.startswith(start + "H") for cell in row.values())


@given(st.text())
def test_a_defused_cell_keeps_its_text(cell):
    assert defused(cell) in {cell, f"'{cell}"}


@given(st.lists(st.integers(33_600_000_000, 33_600_200_000), max_size=400))
def test_a_number_set_is_a_set(values):
    ours, plain = NumberSet(), set()
    for value in values:
        number = f"+{value}"
        assert ours.add(number) == (number not in plain)
        plain.add(number)
        assert number in ours
    assert len(ours) == len(plain)


def test_a_dense_number_set_holds_what_it_held():
    ours = NumberSet()
    values = range(33_612_000_000, 33_612_020_000, 2)  # pages turn into bitmaps
    assert all(ours.add(f"+{value}") for value in values)
    assert not any(ours.add(f"+{value}") for value in values)
    assert not any(f"+{value + 1}" in ours for value in values)
    assert len(ours) == 10_000


def test_a_sign_that_is_a_digit_to_some_is_no_number(tmp_path):
    with pytest.raises(SettingsError, match="no column '²'"):
        check("tel\n0612345678\n", columns=["²"])
    accepted = tmp_path / "accepted.csv"
    accepted.write_text("recipient\n+33612345678\n")
    (tmp_path / "part-².csv").write_text("another's")
    assert [path.name for path in parts(accepted, tmp_path, 1)] == ["part-001.csv"]
    assert (tmp_path / "part-².csv").exists()
