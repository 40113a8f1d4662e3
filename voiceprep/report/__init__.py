"""Show: values in, one page out, on which a person listens and decides."""

from voiceprep.report.approvals import Approval, Approvals, read_approvals
from voiceprep.report.language import Language, language_of
from voiceprep.report.names import data_link, link_to
from voiceprep.report.page import (
    Absence,
    Change,
    Digests,
    Form,
    Level,
    Note,
    Page,
    Recording,
    Sound,
    Standing,
)
from voiceprep.report.pictures import TOP_HZ, ink, outline
from voiceprep.report.render import GENERATOR, render

__all__ = [
    "GENERATOR",
    "TOP_HZ",
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
    "Recording",
    "Sound",
    "Standing",
    "data_link",
    "ink",
    "language_of",
    "link_to",
    "outline",
    "read_approvals",
    "render",
]
