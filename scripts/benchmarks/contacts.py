"""How fast a list is sorted out, in how much memory, and whether rightly.

The judge of the verdicts is phonenumberslite, asked about every row.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import phonenumbers

from benchmarks.measure import measure
from benchmarks.options import Options
from benchmarks.report import Report, Target
from voiceprep.campaign.numbers import judge
from voiceprep.campaign.prefixes import FICTION, OVERSEAS_ONLY

ROWS = 1_000_000
QUICK_ROWS = 200_000
JUDGED = 100_000
REGIONS = ("FR", "GP", "RE", "YT", "GF", "MQ")
MOBILE = ("MOBILE", "FIXED_LINE_OR_MOBILE")
FOUND = frozenset({0, 1})  # exit codes: 1 says that rows were refused
ABROAD = ("+32470", "+4179", "+447911", "+34612", "+39312")


def contacts(options: Options) -> Report:
    """Sort a long list out, and compare verdicts with the library's.

    Parameters
    ----------
    options : Options
        ``quick`` takes a fifth of the rows.

    Returns
    -------
    Report
        Rows a CPU-second, peak memory, verdicts that differ.
    """
    rows = QUICK_ROWS if options.quick else ROWS
    path = options.work / f"contacts-{rows}.csv"
    if not path.exists():
        write(path, rows)
    out = options.work / "contacts-out"
    shutil.rmtree(out, ignore_errors=True)
    command = [*options.voiceprep, "contacts", "check", str(path), "-o", str(out)]
    costs = [measure(command, exits=FOUND) for _ in range(options.rounds(3))]
    if not (out / "accepted.csv").exists():  # a program that breaks ends with 1, too
        raise RuntimeError(f"{out}: no list was written")
    rate = rows / min(cost.cpu_s for cost in costs)
    peak_mb = max(cost.peak_mb for cost in costs)
    differ = sum(not agrees(raw) for raw in some_numbers(JUDGED))
    return Report(
        ("rows", "what", "measured"),
        (
            (f"{rows:,}", "rows a CPU-second", f"{rate:,.0f}"),
            (f"{rows:,}", "peak, MB", f"{peak_mb:.1f}"),
            (f"{JUDGED:,}", "verdicts unlike the library's", f"{differ}"),
        ),
        (
            Target("rows a CPU-second", rate, 50_000, at_least=True),
            Target("peak", peak_mb, 80, unit=" MB"),
            Target("verdicts unlike the library's", differ, 0),
        ),
    )


def write(path: Path, rows: int) -> None:
    """Write a list as people have them: several spellings, some of them wrong.

    Parameters
    ----------
    path : Path
        Of the CSV.
    rows : int
        Contacts in it.
    """
    rng = random.Random(2026)
    with path.open("w", encoding="utf-8") as file:
        file.write("Nom;Téléphone;Ville\n")
        for row in range(rows):
            file.write(f"Martin {row};{spelled(rng)};Lyon\n")


def spelled(rng: random.Random) -> str:
    """Spell a French mobile number in one of the usual ways."""
    digits = f"{rng.choice('67')}{rng.randrange(10**8):08}"
    pairs = [digits[0], *(digits[at : at + 2] for at in range(1, 9, 2))]
    forms = (
        f"0{digits}",
        f"0{' '.join(pairs)}",
        f"+33{digits}",
        f"+33 {' '.join(pairs)}",
        f"0{'.'.join(pairs)}",
        f"0033{digits}",
        digits,
    )
    return rng.choices(forms, weights=(40, 30, 10, 8, 6, 4, 2))[0]


def some_numbers(count: int) -> Iterator[str]:
    """Yield random numbers of France, overseas and abroad, in the platform's forms."""
    rng = random.Random(90)
    for _ in range(count):
        start = rng.choice(("0", "0", "+33", "+590", "+262", "+594", "+596", *ABROAD))
        digits = 9 if start in {"0", "+33"} or len(start) == 4 else 6
        yield f"{start}{rng.randrange(10 ** (digits - 1), 10**digits)}"


def agrees(raw: str) -> bool:
    """Say whether our verdict is the library's; fiction is a case of our own."""
    return FICTION in raw or judge(raw, "VOICEMAIL").number == by_library(raw)


def by_library(raw: str) -> str:
    """Judge a number by phonenumberslite alone, region by region."""
    regions = REGIONS[raw[1:4] in OVERSEAS_ONLY :] if raw[0] == "0" else REGIONS[:1]
    for region in regions:
        try:
            parsed = phonenumbers.parse(raw, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            kind = phonenumbers.PhoneNumberType.to_string(
                phonenumbers.number_type(parsed)
            )
            form = phonenumbers.PhoneNumberFormat.E164
            dialled: str = phonenumbers.format_number(parsed, form)
            return dialled if kind in MOBILE else ""
    return ""
