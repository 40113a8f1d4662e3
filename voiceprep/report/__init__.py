"""Show: values in, one page out, on which a person listens and decides."""

from voiceprep.report.approvals import Approval, Approvals, approvals_in, read_approvals
from voiceprep.report.language import Language, language_of
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
from voiceprep.report.render import FOLLOWS, GENERATOR, render
from voiceprep.report.sentences import told_in

__all__ = [
    "FINE_DBOV",
    "FOLLOWS",
    "GENERATOR",
    "TOP_HZ",
    "About",
    "Absence",
    "Approval",
    "Approvals",
    "Change",
    "Digests",
    "Form",
    "Language",
    "Level",
    "Note",
    "Page",
    "Part",
    "Recording",
    "Sound",
    "Standing",
    "approvals_in",
    "data_link",
    "ink",
    "language_of",
    "link_to",
    "outline",
    "read_approvals",
    "render",
    "told_in",
]
