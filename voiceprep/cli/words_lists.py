"""The words of contents, messages and contacts, English and French (as `words`)."""

from __future__ import annotations

from typing import Final

__all__ = ["LIST_COUNTS", "LIST_WORDS"]

LIST_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title.tags": ("tags", "marques"),
    "title.bytes": ("bytes", "octets"),
    "content.deleted": ("{said} deleted", "supprimé : {said}"),
    "content.would": ("{said} would be deleted", "serait supprimé : {said}"),
    "api.would": ("would call {call}", "appellerait {call}"),
    "api.answered": (
        "{place}: {status}, below {base}",
        "{place} : {status}, sous {base}",
    ),
    # Following calls
    "watch.wait": ("programmed", "programmés"),
    "watch.on": ("being called", "en cours d’appel"),
    "watch.ok": ("reached", "joints"),
    "watch.ko": ("not reached", "non joints"),
    "watch.no": ("unknown: neither", "inconnus : ni l’un ni l’autre"),
    "watch.told": (
        "{ok} reached, {ko} not, {no} unknown",
        "joints : {ok}, non joints : {ko}, inconnus : {no}",
    ),
    "watch.over": ("all {calls} ended: {told}", "terminés : {calls} ({told})"),
    "watch.open": (
        "{calls} of {total} still open, {told}",
        "encore en cours : {calls} sur {total} ({told})",
    ),
    "listen.would": (
        "would listen on {host} port {port}",
        "écouterait sur {host}, port {port}",
    ),
    "listen.begun": (
        "listening; Ctrl-C ends it. Next: voiceprep mailing plan --ping URL",
        "à l’écoute ; Ctrl-C arrête. Ensuite : voiceprep mailing plan --ping URL",
    ),
    "listen.learnt": ("{changes} learnt", "{changes}"),
    "listen.strange": (
        "{ids} pinged that the account lacks",
        "{ids} que le compte ne connaît pas",
    ),
    "listen.left": (
        "{n} not read: the next start does",
        "reste à lire au prochain démarrage : {n}",
    ),
    "listen.owed": (
        "{n} not passed on to {url}: likewise",
        "reste à transmettre de même : {n}, vers {url}",
    ),
    "listen.new": ("new", "nouveau"),
    # Lists of contacts
    "contacts.accepted": ("accepted", "acceptés"),
    "contacts.mended": ("mended", "corrigés"),
    "contacts.refused": ("refused", "refusés"),
    "contacts.duplicate": ("duplicate", "doublons"),
    "contacts.rows": ("rows", "lignes"),
    "mend.invisible": ("invisible", "signes invisibles"),
    "mend.quotes": ("quotes", "guillemets"),
    "mend.scheme": ("scheme", "préfixe tel:"),
    "mend.float": ("float", "décimales de tableur"),
    "mend.spaces": ("spaces", "espaces"),
    "mend.trunk": ("trunk", "(0) en trop"),
    "mend.separators": ("separators", "points et tirets"),
    "mend.digits": ("digits", "chiffres d’une autre écriture"),
    "contacts.read": (
        "{name}: column {column!r}, {encoding}, cells by {sign!r}",
        "{name} : colonne {column!r}, {encoding}, cellules séparées par {sign!r}",
    ),
    "contacts.sheet": (
        "{name}: sheet {sheet!r}, column {column!r}",
        "{name} : feuille {sheet!r}, colonne {column!r}",
    ),
    "contacts.above": (
        "the titles are in row {row}; not read above them: {rows}",
        "les titres sont à la ligne {row} ; au-dessus, pas lu : {rows}",
    ),
    "contacts.optouts": (
        "who has a yes in {columns!r} is left out",
        "qui a un oui dans {columns!r} est écarté",
    ),
    "contacts.permissions": (
        "who has a no in {columns!r} is left out",
        "qui a un non dans {columns!r} est écarté",
    ),
    "contacts.no_optouts": (
        "no column says who must not be called (its title would be 'opt_out', say)",
        "aucune colonne ne dit qui ne pas appeler (« Ne pas appeler », par exemple)",
    ),
    "contacts.others": (
        "numbers are in {columns!r} too: say both with --column, the wanted one first",
        "il y a aussi des numéros dans {columns!r} : dites les deux avec --column",
    ),
    "contacts.hidden": (
        "hidden in the spreadsheet, and read too: {rows}",
        "masqué dans le classeur, et lu aussi : {rows}",
    ),
    "contacts.tabs": ("tabs", "tabulations"),
    "contacts.alone": ("one column", "une seule colonne"),
    "contacts.unread": (
        "{path}: {rows} without a number or hash in it",
        "{path} : {rows} sans numéro ni empreinte",
    ),
    "contacts.row": ("row {n}: {value}: {why}", "ligne {n} : {value} : {why}"),
    "contacts.probably": (
        "{why}; probably {number} (--repair)",
        "{why} ; sans doute {number} (--repair)",
    ),
    "contacts.said": (
        "{contacts} can be called, {refused}",
        "{contacts} à appeler, {refused}",
    ),
    "contacts.repair": (
        "{said}; {n} could be mended with --repair",
        "{said} ; {n} corrigibles avec --repair",
    ),
    "contacts.where": (
        "{said}: see {folder}/accepted.csv and {folder}/rejected.csv",
        "{said} : voir {folder}/accepted.csv et {folder}/rejected.csv",
    ),
    "contacts.write": (
        "add -o DIR to write the lists",
        "ajoutez -o DIR pour écrire les listes",
    ),
    "contacts.merged": ("{said}, {doubles} merged", "{said}, {doubles} en moins"),
    "contacts.parts": (
        "{contacts} in {parts}, {refused}",
        "{contacts} en {parts}, {refused}",
    ),
    "contacts.parts_would": (
        "{contacts} would be in {parts}, {refused}",
        "{contacts} iraient en {parts}, {refused}",
    ),
}

LIST_COUNTS: Final[dict[str, tuple[str, str]]] = {
    "contact": ("{n} contact", "{n} contacts"),
    "part": ("{n} partie", "{n} parties"),
    "duplicate": ("{n} doublon", "{n} doublons"),
    "row": ("{n} ligne", "{n} lignes"),
    "id": ("{n} identifiant signalé", "{n} identifiants signalés"),
    "change": ("{n} changement appris", "{n} changements appris"),
    "can't": ("{n} impossible", "{n} impossibles"),
    "mobile": ("{n} mobile", "{n} mobiles"),
    "fixed": ("{n} fixe", "{n} fixes"),
    "voip": ("{n} numéro de box", "{n} numéros de box"),
    "wait": ("{n} programmé", "{n} programmés"),
    "on": ("{n} en cours", "{n} en cours"),
    "ko": ("{n} non joint", "{n} non joints"),
    "no": ("{n} inconnu", "{n} inconnus"),
    "without a state": ("{n} sans état", "{n} sans état"),
}
