"""What each finding is called, and what its code means in French.

That is said of a finding whose own sentence has no French (`french`): one of an older
or newer version, with words of a library in it. Its numbers stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DIAGNOSES", "Diagnosis"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Hold the words of one code.

    Parameters
    ----------
    title : (str, str)
        In English, in French.
    fact, remedy : str
        In French.
    unit : str
        Of the finding's value and limit; ``""`` where they say nothing by
        themselves. ``%`` are hundredths of what the finding holds.
    kept : str
        In French: what to do where it was mended, but is better left alone.
    """

    title: tuple[str, str]
    fact: str
    remedy: str
    unit: str = ""
    kept: str = ""


_SEND_AGAIN: Final = "Renvoyez le fichier, ou exportez-le à nouveau."
_EXPORT: Final = "Exportez-le à nouveau en WAV 16 bits ou en MP3."

DIAGNOSES: Final[dict[str, Diagnosis]] = {
    "not_found": Diagnosis(
        ("Not there", "Introuvable"),
        "Il n’y a pas d’enregistrement à cet endroit.",
        "Vérifiez le chemin.",
    ),
    "not_a_file": Diagnosis(
        ("Not a file", "Pas un fichier"),
        "Ce chemin ne mène pas à un fichier.",
        "Nommez un enregistrement ; `-` lit l’entrée standard.",
    ),
    "not_permitted": Diagnosis(
        ("No right to read it", "Lecture interdite"),
        "Vous n’avez pas le droit de lire ce fichier.",
        "Donnez-vous ce droit (chmod u+r).",
    ),
    "decoder_failed": Diagnosis(
        ("Decoding failed", "Échec du décodage"),
        "Le décodage s’est arrêté en route.",
        _EXPORT,
    ),
    "joined": Diagnosis(
        ("Several recordings in one", "Plusieurs enregistrements en un"),
        "Le fichier réunit plusieurs enregistrements bout à bout.",
        "Envoyez-les un par un, ou exportez-les en un seul.",
    ),
    "too_large": Diagnosis(
        ("Too large", "Trop volumineux"),
        "Le fichier dépasse ce que la plateforme accepte.",
        "`--fix size` envoie la version téléphone, bien plus petite.",
        "octets",
    ),
    "too_short": Diagnosis(
        ("Too short", "Trop court"),
        "L’enregistrement dure moins que ce que la plateforme demande.",
        "`--fix duration` ajoute du silence à la fin.",
        "s",
    ),
    "empty": Diagnosis(
        ("Empty", "Vide"), "Le fichier ne contient aucun son.", _SEND_AGAIN
    ),
    "undecodable": Diagnosis(
        ("Not readable", "Illisible"),
        "Aucun son ne peut être tiré de ce fichier.",
        _EXPORT,
    ),
    "truncated": Diagnosis(
        ("Cut off", "Tronqué"),
        "La fin manque : le fichier annonce plus de son qu’il n’en contient, "
        "ou s’arrête net.",
        _SEND_AGAIN,
    ),
    "wrong_extension": Diagnosis(
        ("Misleading name", "Nom trompeur"),
        "La fin du nom ne dit pas ce que le fichier contient.",
        "Renommez-le, pour que d’autres programmes le lisent aussi.",
    ),
    "unsupported": Diagnosis(
        ("Other format", "Autre format"),
        "La plateforme ne prend que le MP3 et le WAV.",
        "`--fix format` le convertit.",
    ),
    "clipping": Diagnosis(
        ("Clipped", "Saturé"),
        "Le son a dépassé ce que l’enregistrement pouvait contenir ; ses crêtes "
        "sont coupées et cela s’entend comme un grésillement.",
        "Enregistrez à nouveau, moins fort ; `--accept clipping` l’envoie tel quel.",
    ),
    "dc_offset": Diagnosis(
        ("Offset", "Décalage continu"),
        "Le signal n’est pas centré sur zéro.",
        "`--fix dc` le recentre.",
        "%",
    ),
    "too_quiet": Diagnosis(
        ("Too quiet", "Trop faible"),
        "La voix est trop faible pour un téléphone.",
        "`--fix level` l’amène au bon niveau. Mieux : enregistrez à nouveau.",
        kept="`--master off` garde le vôtre.",
    ),
    "too_loud": Diagnosis(
        ("Too loud", "Trop fort"),
        "La voix est trop forte pour un téléphone.",
        "`--fix level` l’amène au bon niveau. Mieux : enregistrez à nouveau.",
        kept="`--master off` garde le vôtre.",
    ),
    "silent": Diagnosis(
        ("Silent", "Silencieux"),
        "On n’y entend rien.",
        "Vérifiez le micro et enregistrez à nouveau.",
    ),
    "leading_silence": Diagnosis(
        ("Silence at the start", "Silence au début"),
        "Le message commence par un silence ; le destinataire peut raccrocher.",
        "`--fix silence` le retire.",
        "s",
    ),
    "trailing_silence": Diagnosis(
        ("Silence at the end", "Silence à la fin"),
        "Le message finit par un long silence.",
        "`--fix silence` le retire.",
        "s",
    ),
    "long_pause": Diagnosis(
        ("Long pause", "Longue pause"),
        "Une longue pause coupe le message ; on peut croire qu’il est fini.",
        "`--fix silence` la raccourcit ; `--accept long_pause` la garde.",
        "s",
    ),
    "noisy": Diagnosis(
        ("Noisy", "Bruyant"),
        "Le bruit de fond est proche de la voix.",
        "Enregistrez à nouveau dans un endroit calme, près du micro.",
        "dB",
    ),
    "band_loss": Diagnosis(
        ("Outside the telephone band", "Hors de la bande téléphonique"),
        "Une grande part de la voix se trouve hors de ce que le téléphone "
        "transmet (300 à 3400 Hz).",
        "Retirez les effets et l’égalisation, ou enregistrez à nouveau.",
        "dB",
    ),
    "phase_cancellation": Diagnosis(
        ("Channels cancel out", "Canaux en opposition"),
        "La gauche et la droite s’annulent : en mono, la voix disparaît.",
        "`--fix phase` ne garde que le canal le plus fort.",
        "dB",
    ),
    "silent_channel": Diagnosis(
        ("A silent channel", "Un canal muet"),
        "Un canal ne contient rien ; l’autre est utilisé seul.",
        "Rien à faire si la voix est entière.",
    ),
    "dropout": Diagnosis(
        ("Dropouts", "Coupures"),
        "Le son s’interrompt au milieu de la voix.",
        "Écoutez ces endroits ; enregistrez ou exportez à nouveau.",
    ),
    "hum": Diagnosis(
        ("Hum", "Ronflement"),
        "Le secteur électrique s’entend (50 Hz et ses multiples).",
        "Écoutez l’aperçu ; un autre câble ou une autre prise aide souvent.",
    ),
    "wrong_rate": Diagnosis(
        ("Wrong speed?", "Mauvaise vitesse ?"),
        "La voix semble trop aiguë et trop rapide.",
        "Écoutez-le ; exportez-le avec sa vraie fréquence d’échantillonnage.",
        "Hz",
    ),
    "invalid_samples": Diagnosis(
        ("Broken samples", "Échantillons invalides"),
        "Le fichier contient des valeurs qui ne sont pas des nombres.",
        _EXPORT,
        "s",
    ),
}
