"""The words of ``voiceprep demo`` and ``doctor``, English and French (as `words`)."""

from __future__ import annotations

from typing import Final

__all__ = ["ABOUT_COUNTS", "ABOUT_WORDS"]

ABOUT_WORDS: Final[dict[str, tuple[str, str]]] = {
    "demo.recording": ("recording", "enregistrement"),
    "demo.verdict": ("verdict", "verdict"),
    "demo.seconds": ("seconds", "secondes"),
    "demo.link": ("url_encoded, or why not", "url_encoded, ou pourquoi pas"),
    "demo.fit": ("fit", "conforme"),
    "demo.fit_with_warnings": ("fit_with_warnings", "avec réserves"),
    "demo.refused": ("refused", "refusé"),
    "demo.unreadable": ("unreadable", "illisible"),
    "demo.failed": ("failed", "en échec"),
    "demo.over": (
        "Nothing of it is kept. Next: {command}",
        "Rien n’en est conservé. Ensuite : {command}",
    ),
    "demo.campaign": (
        "{name}, a list of {n} rows, a sandbox",
        "{name}, une liste de {n} lignes, un bac à sable",
    ),
    "sandbox.would": (
        "would run on {host}, port {port}, with its data in {place}",
        "tournerait sur {host}, port {port}, avec ses données dans {place}",
    ),
    "sandbox.runs": (
        "the sandbox runs at {url}; Ctrl-C ends it",
        "le bac à sable tourne à l’adresse {url} ; Ctrl-C l’arrête",
    ),
    "doctor.fine": ("fine", "bon"),
    "doctor.lacks": ("LACKS", "MANQUE"),
    "doctor.mend": ("to mend: {names}", "à corriger : {names}"),
    "doctor.all": ("all is here", "tout y est"),
    "doctor.settings": ("settings", "réglages"),
    "doctor.temporary folder": ("temporary folder", "dossier temporaire"),
    "doctor.sandbox data": ("sandbox data", "données du bac à sable"),
}

ABOUT_COUNTS: Final[dict[str, tuple[str, str]]] = {
    "uploaded and verified byte for byte": (
        "{n} envoyé et vérifié octet par octet",
        "{n} envoyés et vérifiés octet par octet",
    ),
}
