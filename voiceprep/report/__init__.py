"""Show: values in, one page out, on which a person listens and decides."""

from voiceprep.report.approvals import Approval, Approvals, approvals_in, read_approvals
from voiceprep.report.language import Language, language_of, renumbered, typeset
from voiceprep.report.names import data_link, link_to
from voiceprep.report.page import (
    FINE_DBOV,
    About,
    Absence,
    Change,
    Digests,
    Form,
    Level,
    Note,
    Page,
    Part,
    Recording,
    Sound,
    Standing,
)
from voiceprep.report.pictures import TOP_HZ, ink, outline
from voiceprep.report.proof_text import proof_text
from voiceprep.report.render import FOLLOWS, GENERATOR, render
from voiceprep.report.sentences import Catalogue, exact_fact, told_in
from voiceprep.report.sheet_pages import proof_page, tally_page
from voiceprep.report.sheets import Group, Lot, Proof, Tally

__all__ = [
    "FINE_DBOV",
    "FOLLOWS",
    "GENERATOR",
    "TOP_HZ",
    "About",
    "Absence",
    "Approval",
    "Approvals",
    "Catalogue",
    "Change",
    "Digests",
    "Form",
    "Group",
    "Language",
    "Level",
    "Lot",
    "Note",
    "Page",
    "Part",
    "Proof",
    "Recording",
    "Sound",
    "Standing",
    "Tally",
    "approvals_in",
    "data_link",
    "exact_fact",
    "ink",
    "language_of",
    "link_to",
    "outline",
    "proof_page",
    "proof_text",
    "read_approvals",
    "render",
    "renumbered",
    "tally_page",
    "told_in",
    "typeset",
]
