"""What click, the system, and options that contradict each other say, in French.

As in `french_talk`. The more exact of two templates that fit stands first.
"""

from __future__ import annotations

from typing import Final

__all__ = ["SYSTEM", "USAGE"]

USAGE: Final[dict[str, str]] = {
    # The frame, and the commonest sentences of click 8.2 and later
    "Usage: {}": "Utilisation : {}",
    "Try '{}' for help.": "Pour de l’aide : {}",
    "Error: {}": "Erreur : {}",
    "Missing option {}.": "il manque l’option {}.",
    "Missing option {}. Choose from:": "il manque l’option {}. Au choix :",
    "Missing argument {}.": "il manque l’argument {}.",
    "Missing command.": "il manque une commande.",
    "No such option '{}'. Did you mean '{}'?": (
        "l’option « {} » n’existe pas. Vouliez-vous dire « {} » ?"
    ),
    "No such option '{}'. (Did you mean one of: {}?)": (
        "l’option « {} » n’existe pas. Vouliez-vous dire l’une de celles-ci : {} ?"
    ),
    "No such option '{}'.": "l’option « {} » n’existe pas.",
    "No such option: {} Did you mean {}?": (
        "l’option « {} » n’existe pas. Vouliez-vous dire « {} » ?"
    ),
    "No such option: {} (Possible options: {})": (
        "l’option « {} » n’existe pas. Vouliez-vous dire l’une de celles-ci : {} ?"
    ),
    "No such option: {}": "l’option « {} » n’existe pas.",
    "No such command '{}'. Did you mean '{}'?": (
        "la commande « {} » n’existe pas. Vouliez-vous dire « {} » ?"
    ),
    "No such command '{}'.": "la commande « {} » n’existe pas.",
    "no command '{}'. Did you mean '{}'?": (
        "la commande « {} » n’existe pas. Vouliez-vous dire « {} » ?"
    ),
    "no command '{}'.": "la commande « {} » n’existe pas.",
    "Invalid value for {}: {}": "valeur incorrecte pour {} : {}",
    "Invalid value: {}": "valeur incorrecte : {}",
    "'{}' is not one of {}.": "« {} » n’est pas dans la liste {}.",
    "'{}' is not a valid integer range.": "« {} » n’est pas un nombre entier.",
    "'{}' is not a valid integer.": "« {} » n’est pas un nombre entier.",
    "'{}' is not a valid float range.": "« {} » n’est pas un nombre.",
    "'{}' is not a valid float.": "« {} » n’est pas un nombre.",
    "{} is not in the range {}.": "{} n’est pas dans l’intervalle {}.",
    "{} is no number of seconds.": "{} n’est pas un nombre de secondes.",
    "Option '{}' requires an argument.": "l’option « {} » demande une valeur.",
    "Option '{}' does not take a value.": "l’option « {} » ne prend pas de valeur.",
    "Got unexpected extra argument ({})": "un argument est de trop ({})",
    "Got unexpected extra arguments ({})": "des arguments sont de trop ({})",
    "File '{}' does not exist.": "le fichier « {} » n’existe pas.",
    "File '{}' is a directory.": "« {} » est un dossier, pas un fichier.",
    # Ours: options that contradict each other
    "--csv and --json are two forms; choose one": (
        "--csv et --json sont deux formats ; choisissez-en un"
    ),
    "--json and --format {} are two forms; choose one": (
        "--json et --format {} sont deux formats ; choisissez-en un"
    ),
    "--events - and --json both write to stdout; choose one": (
        "--events - et --json écrivent tous deux sur la sortie standard ; "
        "choisissez-en un"
    ),
    "-o names no folder; -o . is this one": (
        "-o n’indique pas de dossier ; -o . est le dossier courant"
    ),
    "--approved says what --upload may send; add --upload": (
        "--approved dit ce que --upload peut envoyer ; ajoutez --upload"
    ),
    "--as-is sends the source unchanged: --fix and --master can't mend it": (
        "--as-is envoie la source telle quelle : --fix et --master ne peuvent pas la "
        "corriger"
    ),
    "--as-is sends a file; standard input is none": (
        "--as-is envoie un fichier ; l’entrée standard n’en est pas un"
    ),
    "--name is empty; leave it out for the recording's name": (
        "--name est vide ; sans lui, c’est le nom de l’enregistrement"
    ),
    "say when: --at DATE, or --now to begin at once": (
        "dites quand : --at DATE, ou --now pour commencer aussitôt"
    ),
    "--now and --at say two things: choose one": (
        "--now et --at disent deux choses : choisissez"
    ),
    "name mailings by their ids, or a campaign by --name": (
        "indiquez des envois par leur identifiant, ou une campagne par --name"
    ),
    "{} is of a campaign: name it by --name": (
        "{} porte sur une campagne : indiquez-la par --name"
    ),
    "say --called or --not-called": "dites --called ou --not-called",
    "no id was named; was a variable not set?": (
        "aucun identifiant n’est donné ; une variable est-elle vide ?"
    ),
    "one of the paths is empty; was a variable not set?": (
        "l’un des chemins est vide ; une variable est-elle vide ?"
    ),
    "the list must be a file: it is read again to go on": (
        "la liste doit être un fichier : elle est relue pour continuer"
    ),
    "this would delete on your account, for good; add --yes, or -n to see what": (
        "ceci supprimerait pour de bon sur votre compte ; ajoutez --yes, ou -n pour "
        "voir quoi"
    ),
    "{} {} is unknown; choose from {}": "{} {} est inconnu ; choisissez parmi {}",
}

SYSTEM: Final[dict[str, str]] = {  # the system's own words
    "no such file or directory": "ce fichier ou ce dossier n’existe pas",
    "permission denied": "accès refusé",
    "no space left on device": "plus de place sur le disque",
    "is a directory": "c’est un dossier",
    "read-only file system": "disque en lecture seule",
    "file name too long": "nom de fichier trop long",
}
