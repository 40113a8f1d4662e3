"""The words of ``voiceprep batch`` and its commands, in both languages (as `words`)."""

from __future__ import annotations

from typing import Final

__all__ = ["BATCH_COUNTS", "BATCH_WORDS"]

BATCH_WORDS: Final[dict[str, tuple[str, str]]] = {
    # The last line
    "batch.none": ("no recordings", "aucun enregistrement"),
    "batch.results": (
        "{said}; results in {place}",
        "{said} ; résultats dans {place}",
    ),
    "batch.mend": (
        "mend what is said above, then run the same command again",
        "corrigez ce qui est signalé ci-dessus, puis relancez la même commande",
    ),
    "batch.same_again": (
        "run the same command again: it goes on where this ended",
        "relancez la même commande : elle reprend où celle-ci s’est arrêtée",
    ),
    "batch.none_chosen": (
        "look at --include and --exclude: `*.mp3` is about names, `old/*` about paths",
        (
            "vérifiez --include et --exclude : `*.mp3` porte sur les noms, `old/*` sur "
            "les chemins"
        ),
    ),
    "status.running": ("at work: {who}", "au travail : {who}"),
    "status.idle": ("no run is at work", "aucun traitement n’est en cours"),
    "status.run": (
        "process {pid} on {host}, since {since}",
        "processus {pid} sur {host}, depuis {since}",
    ),
    "batch.why_then": (
        "read why in results.csv, then {command}",
        "lisez pourquoi dans results.csv, puis {command}",
    ),
    "batch.why_or": (
        "read why in results.csv, or {command}",
        "lisez pourquoi dans results.csv, ou bien {command}",
    ),
    "batch.empty": (
        "name a folder with .mp3 or .wav files, in its subfolders too",
        "indiquez un dossier de fichiers .mp3 ou .wav, sous-dossiers compris",
    ),
    "batch.missing": (
        "check the path, or name a folder with .mp3 or .wav files",
        "vérifiez le chemin, ou indiquez un dossier de fichiers .mp3 ou .wav",
    ),
    "batch.replace": (
        "read why in results.csv, replace those, then run the same command again",
        (
            "lisez pourquoi dans results.csv, remplacez-les, puis relancez la même "
            "commande"
        ),
    ),
    "batch.held": (
        "read in results.csv why some are held back, and decide",
        "lisez dans results.csv pourquoi certains sont retenus, et décidez",
    ),
    "batch.mailing": (
        "a mailing with the url_encoded of results.csv",
        "un envoi avec les url_encoded de results.csv",
    ),
    "batch.decide": (
        "open {page}, listen, decide, then {command}",
        "ouvrez {page}, écoutez, décidez, puis {command}",
    ),
    "batch.same": (
        "the same command with {options}",
        "la même commande avec {options}",
    ),
    "batch.no_such": (
        "no recording of the results is named so",
        "aucun enregistrement des résultats ne porte ce nom",
    ),
    "batch.again": ("run the batch again", "relancez le traitement du dossier"),
    "batch.ending": (
        "ending what is under way; Ctrl-C again ends at once",
        "ce qui est en cours se termine ; un second Ctrl-C arrête aussitôt",
    ),
    # Progress
    "progress.of": ("{done} of {total}", "{done} sur {total}"),
    "progress.sound": (
        "{minutes} min of sound, {times} ×",
        "{minutes} min de son, {times} ×",
    ),
    "progress.prepare": ("prepare", "préparation"),
    "progress.upload": ("upload", "envoi"),
    "judged.fit": ("fit", "conforme"),
    "judged.fit_with_warnings": ("fit with warnings", "conforme, avec réserves"),
    "judged.refused": ("refused", "refusé"),
    "judged.unreadable": ("unreadable", "illisible"),
    "at_most": ("{said}, {n} s at most", "{said}, {n} s au plus"),
    "sent.sent": ("sent, content {id}", "envoyé, contenu {id}"),
    "sent.found": ("found, content {id}", "retrouvé, contenu {id}"),
    "sent.known": ("known, content {id}", "déjà connu, contenu {id}"),
    "sent.adopted": ("adopted, content {id}", "repris, contenu {id}"),
    # What became of recordings, as `status` says it
    "outcome.unreadable": ("unreadable", "illisible"),
    "outcome.not_taken": ("not_taken", "refusé par la plateforme"),
    "outcome.failed": ("failed", "en échec"),
    "outcome.unknown": ("unknown", "sort inconnu"),
    # The ledger and the platform
    "reconciled": ("{agree}, {differ}. {then}", "{agree}, {differ}. {then}"),
    "reconciled.unclear": (
        "Next: run the batch again; it looks for them before it sends",
        (
            "Ensuite : relancez le traitement du dossier ; il les cherche avant de "
            "rien envoyer"
        ),
    ),
    "reconciled.doubled": (
        "Next: voiceprep content delete ID, for those that are doubled",
        "Ensuite : voiceprep content delete ID, pour ceux qui sont en double",
    ),
    "reconciled.gone": (
        "Next: --resend forgets those that are gone; then run the batch again",
        (
            "Ensuite : --resend oublie ceux qui ont disparu ; relancez alors le "
            "traitement du dossier"
        ),
    ),
    "reconciled.same": ("Nothing to do", "Rien à faire"),
}

BATCH_COUNTS: Final[dict[str, tuple[str, str]]] = {
    "held back": ("{n} retenu", "{n} retenus"),
    "not taken by the platform": (
        "{n} refusé par la plateforme",
        "{n} refusés par la plateforme",
    ),
    "unknown": ("{n} au sort inconnu", "{n} au sort inconnu"),
    "planned": ("{n} prévu", "{n} prévus"),
    "unchanged": ("{n} inchangé", "{n} inchangés"),
    "planned anew": ("{n} à refaire", "{n} à refaire"),
    "would be planned anew": ("{n} serait à refaire", "{n} seraient à refaire"),
    "forgotten": ("{n} oublié", "{n} oubliés"),
    "would be forgotten": ("{n} serait oublié", "{n} seraient oubliés"),
    "agree": ("{n} concorde", "{n} concordent"),
    "differ": ("{n} diffère", "{n} diffèrent"),
}
