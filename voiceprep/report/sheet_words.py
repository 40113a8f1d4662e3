"""The words of campaigns' sheets, in English and in French, side by side.

As in `words`: placeholders in braces, plain spaces, which `typeset` makes no-break.
"""

from __future__ import annotations

from typing import Final

from voiceprep.report.language import Language, typeset

__all__ = ["SHEET_WORDS", "sheet_counted", "sheet_words"]

SHEET_WORDS: Final[dict[str, tuple[str, str]]] = {
    "made": (
        "Made {when} by voiceprep {version}",
        "Fait le {when} par voiceprep {version}",
    ),
    "labelled": ("{label}: {value}", "{label} : {value}"),
    "sandbox": (
        "Sandbox: nobody was really called.",
        "Bac à sable : personne n’a réellement été appelé.",
    ),
    "calls.one": ("{n} call", "{n} appel"),
    "calls.many": ("{n} calls", "{n} appels"),
    "people.one": ("{n} person", "{n} personne"),
    "people.many": ("{n} people", "{n} personnes"),
    "mailings.one": ("{n} mailing", "{n} envoi"),
    "mailings.many": ("{n} mailings", "{n} envois"),
    # What became of the calls
    "tally": ("What became of the calls", "Ce que sont devenus les appels"),
    "tally.reached": ("reached", "joints"),
    "tally.of": ("{ok} of {calls}", "{ok} sur {calls}"),
    "tally.people": (
        "{reached} of {called} reached, by one call or several: {share}.",
        "Joints, en un ou plusieurs appels : {reached} sur {called}, soit {share}.",
    ),
    "tally.stopped": (
        "Of the calls not reached, stopped before they rang: {n}.",
        "Parmi les appels non joints, arrêtés avant d’être passés : {n}.",
    ),
    "tally.none": ("no calls yet", "aucun appel encore"),
    "tally.optouts": (
        "People who asked for no more calls: {n}",
        "Personnes qui ne veulent plus être appelées : {n}",
    ),
    "states": ("By state", "Par état"),
    "state": ("State", "État"),
    "calls": ("Calls", "Appels"),
    "share": ("Share", "Part"),
    "state.wait": ("Programmed", "Programmé"),
    "state.on": ("Being called", "En cours"),
    "state.ok": ("Reached", "Joint"),
    "state.ko": ("Not reached", "Non joint"),
    "state.no": ("Unknown", "Inconnu"),
    "state.total": ("All", "Tous"),
    "unknown": (
        "“Unknown” is neither success nor failure: the platform does not know.",
        "« Inconnu » n’est ni un succès ni un échec : la plateforme ne le sait pas.",
    ),
    "hours": ("When calls ended", "Quand les appels se sont terminés"),
    "hours.clock": (
        "Clock of {zone}. Each column is an hour; the highest holds {most}.",
        "Heure de {zone}. Chaque colonne est une heure ; la plus haute compte {most}.",
    ),
    "days.clock": (
        "Clock of {zone}. Each column is a day; the highest holds {most}.",
        "Heure de {zone}. Chaque colonne est un jour ; la plus haute compte {most}.",
    ),
    "hours.figures": ("The figures", "Les chiffres"),
    "hours.from": ("From", "De"),
    "hours.none": ("no time given", "heure inconnue"),
    "reasons": ("Why they were not reached", "Pourquoi ils n’ont pas été joints"),
    "reason": ("The platform’s words", "Les mots de la plateforme"),
    # In other words than the platform's (R40), where they are known
    "reason.busy": ("the line was busy", "la ligne était occupée"),
    "reason.no answer": ("nobody picked up", "personne n’a décroché"),
    "reason.unavailable": (
        "the mailbox could not be reached",
        "le répondeur n’a pas pu être joint",
    ),
    "reason.full": ("the mailbox was full", "le répondeur était plein"),
    "reason.rejected": ("they rejected the call", "l’appel a été rejeté"),
    "reason.unknown number": ("nobody has this number", "ce numéro n’existe pas"),
    "reason.cancelled": (
        "stopped before the call was made",
        "arrêté avant que l’appel soit passé",
    ),
    "reasons.none": ("No call has failed.", "Aucun appel n’a échoué."),
    "mailings": ("Mailings", "Envois"),
    "mailing": ("Mailing", "Envoi"),
    # The sign-off
    "proof": ("Proof of a campaign", "Bon à tirer d’une campagne"),
    "proof.lead": (
        "What will be heard, by how many, when; and who agreed to it.",
        "Ce qui sera entendu, par combien de personnes, quand ; et qui l’a validé.",
    ),
    "proof.heard": ("What will be heard", "Ce qui sera entendu"),
    "proof.media": ("Media", "Média"),
    "media.VOICE": ("Voice call", "Appel vocal"),
    "media.VOICEMAIL": ("Voicemail", "Message sur répondeur"),
    "proof.length": ("Length", "Durée"),
    "proof.seconds": ("{n} s", "{n} s"),
    "proof.sha": (
        "SHA-256 of the telephone’s version",
        "SHA-256 de la version téléphone",
    ),
    "proof.unverified": (
        "Not verified: nobody has proved what this link plays.",
        "Non vérifié : rien ne prouve ce que ce lien fait entendre.",
    ),
    "proof.preview": ("Preview", "Écoute"),
    "proof.no_preview": (
        "The preview is not where the plan left it.",
        "Le fichier d’écoute n’est pas là où le plan l’a laissé.",
    ),
    "proof.link": ("Link", "Lien"),
    "proof.whom": ("How many, and when", "Combien, et quand"),
    "proof.total": (
        "{calls} to {people}, in {mailings}",
        "{calls} vers {people}, en {mailings}",
    ),
    "proof.hours": ("Calling hours", "Horaires d’appel"),
    "window.any": (
        "at any hour: nights, Sundays and holidays too",
        "à toute heure : nuits, dimanches et jours fériés compris",
    ),
    "proof.where": ("Where", "Où"),
    "proof.when": ("From", "À partir de"),
    "proof.there": ("On their clock", "À leur heure"),
    "proof.at_once": ("at once", "immédiatement"),
    "proof.skipped": ("Not called", "Non appelés"),
    "proof.who": ("Who agreed", "Qui a validé"),
    "proof.approved": ("approved", "approuvé"),
    "proof.rejected": ("REJECTED", "REJETÉ"),
    "proof.nobody": (
        "No decision about these very bytes was given.",
        "Aucune décision sur ces octets n’a été fournie.",
    ),
    "proof.signature": ("Name, date, signature", "Nom, date, signature"),
    "proof.seal": ("Seal of the plan", "Sceau du plan"),
    # Territories of data/windows.toml; others are shown as they are named there
    "place.metropolitan": ("Metropolitan France", "France métropolitaine"),
    "place.guadeloupe": ("Guadeloupe", "Guadeloupe"),
    "place.martinique": ("Martinique", "Martinique"),
    "place.guyane": ("French Guiana", "Guyane"),
    "place.reunion": ("Réunion", "La Réunion"),
    "place.mayotte": ("Mayotte", "Mayotte"),
    "place.miquelon": ("Saint Pierre and Miquelon", "Saint-Pierre-et-Miquelon"),
    "place.nouvelle-caledonie": ("New Caledonia", "Nouvelle-Calédonie"),
    "place.polynesie": ("French Polynesia", "Polynésie française"),
    "place.belgium": ("Belgium", "Belgique"),
    "place.luxembourg": ("Luxembourg", "Luxembourg"),
    "place.monaco": ("Monaco", "Monaco"),
    "place.switzerland": ("Switzerland", "Suisse"),
    "place.elsewhere": ("Elsewhere", "Ailleurs"),
    # Why somebody is not called: the words of contacts and plans
    "skip.duplicate": ("the same number twice", "le même numéro deux fois"),
    # An opposition, or volunteers who are called apart: the list alone knows.
    "skip.suppressed": (
        "on a list to leave out, given with --suppress",
        "sur une liste à exclure, fournie avec --suppress",
    ),
    "skip.optout": ("asked for no more calls", "ne veut plus être appelé"),
    "skip.called_already": (
        "called already by this campaign",
        "déjà appelé par cette campagne",
    ),
    "skip.too_often": ("called often enough", "appelé assez souvent"),
    "skip.no_consent": ("no consent on record", "sans consentement"),
    "skip.number": (
        "a number that can’t be called",
        "un numéro qu’on ne peut pas appeler",
    ),
    "skip.unknown_zone": (
        "nobody knows their hours",
        "leurs heures ne sont pas connues",
    ),
}


def sheet_words(key: str, language: Language, **values: object) -> str:
    r"""Return what a key says in a language, its placeholders filled in.

    >>> sheet_words("tally.of", Language.FR, ok="2", calls="3")
    '2 sur 3'
    """
    english, french = SHEET_WORDS[key]
    text = french if language is Language.FR else english
    return typeset(text, language).format(**values)


def sheet_counted(key: str, count: int, language: Language, shown: str) -> str:
    """Return a count, as it is shown, with its noun: French has 0 in the singular.

    >>> sheet_counted("calls", 1_200, Language.EN, "1,200")
    '1,200 calls'
    """
    one = count == 1 or (count == 0 and language is Language.FR)
    return sheet_words(f"{key}.{'one' if one else 'many'}", language, n=shown)
