"""The page's words, in English and in French, side by side.

Placeholders stand in braces. Spaces are plain here; `typeset` makes those
no-break ones that a line must not end at.
"""

from __future__ import annotations

from typing import Final

from voiceprep.report.language import Language, typeset

__all__ = ["WORDS", "counted", "words"]

WORDS: Final[dict[str, tuple[str, str]]] = {
    # The page
    "title": ("Listen and decide", "Écouter et décider"),
    "subtitle": (
        "What you recorded, and what will be heard on the phone.",
        "Ce que vous avez enregistré, et ce que l’on entendra au téléphone.",
    ),
    "made": (
        "Made {when} by voiceprep {version}",
        "Fait le {when} par voiceprep {version}",
    ),
    "recordings.one": ("{n} recording", "{n} enregistrement"),
    "recordings.many": ("{n} recordings", "{n} enregistrements"),
    "nothing": (
        "There is no recording on this page.",
        "Cette page ne contient aucun enregistrement.",
    ),
    "no_script": (
        "This page plays and decides with JavaScript, which is switched off here.",
        (
            "Cette page utilise JavaScript pour l’écoute et la décision ; il est "
            "désactivé ici."
        ),
    ),
    "pages": ("Pages", "Pages"),
    "page": ("Page {n}", "Page {n}"),
    "page.before": ("← Previous page", "← Page précédente"),
    "page.after": ("Next page →", "Page suivante →"),
    "stdin": ("Standard input", "Entrée standard"),
    "skip": ("To the recordings", "Aller aux enregistrements"),
    # Filters and toolbar
    "filter": ("Show", "Afficher"),
    "filter.all": ("All", "Tous"),
    "filter.fit": ("Fit", "Conformes"),
    "filter.warned": ("With warnings", "Avec réserves"),
    "filter.refused": ("Refused", "Refusés"),
    "filter.open": ("To decide", "À décider"),
    "find": ("Find a name", "Chercher un nom"),
    "find.hint": ("Find", "Chercher"),
    "filter.none": ("None to show here.", "Rien à afficher ici."),
    "name": ("Your name", "Votre nom"),
    "name.needed": (
        "Write your name first: your decisions bear it.",
        "Écrivez d’abord votre nom : vos décisions le portent.",
    ),
    "export": ("Export decisions", "Exporter les décisions"),
    "print": ("Print the sign-off sheet", "Imprimer la fiche de validation"),
    "progress": ("{done} of {all} decided", "Décisions : {done} sur {all}"),
    "finish": ("When you have decided", "Une fois vos décisions prises"),
    "finish.how": (
        (
            "Export your decisions and send the file back to whoever sent you this "
            "page; or print the sign-off sheet and sign it."
        ),
        (
            "Exportez vos décisions et renvoyez le fichier à la personne qui vous a "
            "envoyé cette page ; ou imprimez la fiche de validation et signez-la."
        ),
    ),
    "not_kept": (
        (
            "This browser keeps nothing for this page: export your decisions before "
            "you close it."
        ),
        (
            "Ce navigateur ne conserve rien pour cette page : exportez vos décisions "
            "avant de la fermer."
        ),
    ),
    # Keys
    "keys": ("Keys", "Touches"),
    "keys.space": ("Space", "Espace"),
    "keys.play": ("plays and pauses", "lecture et pause"),
    "keys.seek": ("2 seconds back, forward", "2 secondes avant, après"),
    "keys.switch": ("original or phone", "original ou téléphone"),
    "keys.next": ("next, previous recording", "enregistrement suivant, précédent"),
    "keys.decide": ("approve, reject", "approuver, rejeter"),
    # Verdicts
    "standing.fit": ("Fit for the phone", "Conforme"),
    "standing.warned": ("Fit, with warnings", "Conforme, avec réserves"),
    "standing.refused": ("Refused", "Refusé"),
    # The player
    "play": ("Play", "Lire"),
    "pause": ("Pause", "Pause"),
    "original": ("Original", "Original"),
    "phone": ("On the phone", "Au téléphone"),
    "position": ("Position", "Position"),
    "player": ("Player", "Lecteur"),
    "of_time": ("{now} of {all}", "{now} sur {all}"),
    "band": (
        "the phone keeps 300–3400 Hz",
        "le téléphone garde 300–3400 Hz",
    ),
    "pcm": ("WAV, {n} bit", "WAV, {n} bits"),
    "alaw": ("A-law", "loi A"),
    "mulaw": ("µ-law", "loi µ"),
    "mono": ("mono", "mono"),
    "stereo": ("stereo", "stéréo"),
    "channels": ("{n} channels", "{n} canaux"),
    "absence.gone": (
        "The original can’t be played here: no file lies at its place any more.",
        (
            "L’original ne peut pas être lu ici : il n’y a plus de fichier à son "
            "emplacement."
        ),
    ),
    "absence.changed": (
        "The original can’t be played here: another file lies at its place now.",
        (
            "L’original ne peut pas être lu ici : un autre fichier se trouve "
            "maintenant à son emplacement."
        ),
    ),
    "absence.stream": (
        "The original can’t be played here: it came through a pipe and was not kept.",
        (
            "L’original ne peut pas être lu ici : il est arrivé par un flux et n’a "
            "pas été conservé."
        ),
    ),
    "absence.unplayable": (
        "The original can’t be played here: browsers don’t play its format.",
        (
            "L’original ne peut pas être lu ici : les navigateurs ne lisent pas son "
            "format."
        ),
    ),
    "absence.too_large": (
        "The original is too large to be part of this page; only the phone version is.",
        (
            "L’original est trop volumineux pour cette page ; seule la version "
            "téléphone s’y trouve."
        ),
    ),
    "absence.unprepared": (
        "There is no phone version: the recording was refused.",
        "Il n’y a pas de version téléphone : l’enregistrement a été refusé.",
    ),
    "absence.failed": (
        "This browser could not play it. Has the page been moved away from its files?",
        (
            "Ce navigateur n’a pas pu le lire. La page a-t-elle été séparée de ses "
            "fichiers ?"
        ),
    ),
    "cut": ("Taken out", "Retiré"),
    # The level
    "level": ("Level", "Niveau"),
    "level.fine": ("Comfortable", "Confortable"),
    "level.low": (
        "{n} dB too quiet for a phone",
        "{n} dB trop faible pour le téléphone",
    ),
    "level.high": ("{n} dB too loud for a phone", "{n} dB trop fort pour le téléphone"),
    "level.heard": ("{n} dBov on the phone", "{n} dBov au téléphone"),
    "level.source": ("{n} dBov as recorded", "{n} dBov à l’enregistrement"),
    "level.peak": ("peak {n} dBFS", "crête {n} dBFS"),
    "level.of_source": ("as recorded", "à l’enregistrement"),
    "level.of_heard": ("on the phone", "au téléphone"),
    "level.quiet_end": ("quiet", "faible"),
    "level.loud_end": ("loud", "fort"),
    # Findings
    "findings": ("What was found", "Ce qui a été constaté"),
    "findings.none": ("Nothing stands against it.", "Rien à signaler."),
    "severity.error": ("Error", "Erreur"),
    "severity.warning": ("Warning", "Réserve"),
    "severity.info": ("Note", "Note"),
    "severity.mended": ("Mended", "Corrigé"),
    "severity.would_be": ("Would be mended", "Serait corrigé"),
    "severity.accepted": ("Accepted", "Accepté"),
    "listen_at": ("Listen at {at}", "Écouter à {at}"),
    "more_places": ("and {n} more", "et {n} autres"),
    "measured": ("measured: {n}", "mesuré : {n}"),
    "limit": ("limit: {n}", "limite : {n}"),
    # What preparing changed
    "changes": ("What preparing changed", "Ce que la préparation a changé"),
    "changes.none": ("Nothing: it was ready already.", "Rien : il était déjà prêt."),
    "change.mono": ("{n} channels mixed to one", "{n} canaux réunis en un seul"),
    "change.channel": ("channel {n} alone is used", "seul le canal {n} est utilisé"),
    "change.louder": (
        "the louder channel alone is used",
        "seul le canal le plus fort est utilisé",
    ),
    "change.rate": (
        "{n} Hz brought to the telephone’s 8,000 Hz",
        "{n} Hz ramenés aux 8\u202f000 Hz du téléphone",
    ),
    "change.highpass": (
        "rumble under {n} Hz taken out",
        "grondements sous {n} Hz retirés",
    ),
    "change.trimmed": (
        "{n} s of silence taken out",
        "{n} s de silence retirées",
    ),
    "change.raised": ("raised by {n} dB", "niveau relevé de {n} dB"),
    "change.lowered": ("lowered by {n} dB", "niveau abaissé de {n} dB"),
    "change.clarity": (
        "speech brought out: boom out, presence up, loud and soft evened out",
        "voix mise en avant : moins de graves, plus de présence, volume égalisé",
    ),
    "change.limited": (
        "peaks held back, for {n} s in all",
        "crêtes retenues, {n} s en tout",
    ),
    "change.padded": (
        "{n} s of silence added at the end",
        "{n} s de silence ajoutées à la fin",
    ),
    "change.alaw": (
        "coded as telephones carry it",
        "codé comme le téléphone le transmet",
    ),
    # The decision
    "decision": ("Your decision", "Votre décision"),
    "approve": ("Approve", "Approuver"),
    "reject": ("Reject", "Rejeter"),
    "undo": ("Take back", "Annuler"),
    "comment": ("Comment", "Commentaire"),
    "comment.hint": ("optional", "facultatif"),
    "approved": ("Approved", "Approuvé"),
    "rejected": ("Rejected", "Rejeté"),
    "by": ("{decision} by {name}, {when}", "{decision} par {name}, {when}"),
    "mend_first": (
        "Nothing to decide: mend it and prepare it again.",
        "Rien à décider : corrigez-le et préparez-le à nouveau.",
    ),
    "heard": ("Exact values", "Valeurs exactes"),
    "heard.prepared": ("prepared WAV, SHA-256", "WAV préparé, SHA-256"),
    "heard.alaw": (
        "A-law for the platform, SHA-256",
        "loi A pour la plateforme, SHA-256",
    ),
    # The sheet
    "sheet": ("Sign-off sheet", "Fiche de validation"),
    "sheet.about": (
        (
            "Each decision is about the very sound whose SHA-256 stands beside it: the "
            "phone version that was heard."
        ),
        (
            "Chaque décision porte sur le son exact dont le SHA-256 figure à côté : la "
            "version téléphone qui a été entendue."
        ),
    ),
    "sheet.recording": ("Recording", "Enregistrement"),
    "sheet.length": ("Length", "Durée"),
    "sheet.verdict": ("Verdict", "Verdict"),
    "sheet.decision": ("Decision", "Décision"),
    "sheet.sha": ("SHA-256 of what was heard", "SHA-256 de ce qui a été entendu"),
    "sheet.signature": ("Date and signature", "Date et signature"),
    "sheet.undecided": ("not decided", "non décidé"),
}


def words(key: str, language: Language, **values: object) -> str:
    r"""Return what a key says in a language, its placeholders filled in.

    >>> words("level.peak", Language.FR, n="−3,2")
    'crête −3,2\xa0dBFS'
    """
    english, french = WORDS[key]
    text = french if language is Language.FR else english
    return typeset(text, language).format(**values)


def counted(key: str, count: int, language: Language) -> str:
    """Return a count with its noun: French says 0 and 1 in the singular.

    >>> counted("recordings", 0, Language.EN), counted("recordings", 0, Language.FR)
    ('0 recordings', '0 enregistrement')
    """
    one = count == 1 or (count == 0 and language is Language.FR)
    return words(f"{key}.{'one' if one else 'many'}", language, n=count)
