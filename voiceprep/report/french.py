"""What rules and errors say, sentence by sentence, in French.

Left stands the English template with ``{}`` for each number or word in it, right the
French one; ``{0}``, ``{1}`` where the order is another. `sentences` puts them to use.
A sentence that is not here is told by what its code means (`diagnoses`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["FACTS", "TERMS"]

FACTS: Final[dict[str, str]] = {
    # The file
    "{} bytes; the platform takes {} at most": (
        "{} octets ; la plateforme en accepte {} au plus"
    ),
    "{}; the platform takes {} at most": "{} ; la plateforme en accepte {} au plus",
    "{} bytes are over the limit of {}; the telephone version goes out instead": (
        "{} octets dépassent la limite de {} ; la version téléphone part à la place"
    ),
    "{} s long; as A-law that is {} bytes, and the platform takes {} at most": (
        "{} s ; en loi A cela fait {} octets, et la plateforme en accepte {} au plus"
    ),
    "{} s long; prepared it has {} bytes, and the platform takes {} at most": (
        "{} s ; préparé, il fait {} octets, et la plateforme en accepte {} au plus"
    ),
    "prepared it has {} bytes, over the limit of {}; the A-law WAV, half as large, "
    "goes out": (
        "préparé, il fait {} octets, plus que la limite de {} ; c’est le WAV en loi A, "
        "moitié moins grand, qui part"
    ),
    "longer than 2 hours": "plus de 2 heures",
    "{} s long; the platform takes {} s at least": (
        "dure {} s ; la plateforme demande {} s au moins"
    ),
    "{} s long; silence at the end makes it {} s": (
        "dure {} s ; un silence à la fin l’amène à {} s"
    ),
    "{} s long without its silences; the platform takes {} s at least": (
        "dure {} s sans ses silences ; la plateforme demande {} s au moins"
    ),
    "{} s long without its silences; silence at the end makes it {} s": (
        "dure {} s sans ses silences ; un silence à la fin l’amène à {} s"
    ),
    "cut short: its header speaks of {} s, and {} s are there": (
        "tronqué : son en-tête annonce {} s, et il y en a {}"
    ),
    "cut short: the file ends in the middle of {}, after {} s": (
        "tronqué : le fichier s’arrête au milieu d’{}, après {} s"
    ),
    "cut short: {} that can't be decoded without its end": (
        "tronqué : {} que l’on ne peut décoder sans sa fin"
    ),
    "the file ends in the middle of a frame, after {} s": (
        "le fichier s’arrête au milieu d’une trame, après {} s"
    ),
    "its sound ends after {} s; what the {} bytes behind it are can't be told": (
        "son contenu sonore finit après {} s ; on ne sait ce que sont les {} octets "
        "qui suivent"
    ),
    "the file ends after {} s without the mark of an end": (
        "le fichier s’arrête après {} s sans marque de fin"
    ),
    "it ends in the middle of a sound": "s’arrête au milieu d’un son",
    "it changed while it was read, from {} to {} bytes": (
        "a changé pendant la lecture, de {} à {} octets"
    ),
    "it went away while it was read": "a disparu pendant la lecture",
    "{}; the platform takes MP3 and WAV": (
        "{} ; la plateforme ne prend que le MP3 et le WAV"
    ),
    "{}; a WAV goes out": "{} ; c’est un WAV qui part",
    "{}; it takes the package PyAV to read": "{} ; le lire demande le paquet PyAV",
    "{} channels; a recording has 1 to {}": (
        "{} canaux ; un enregistrement en a de 1 à {}"
    ),
    "a sampling rate of {} Hz; {} to {} Hz are in use": (
        "une fréquence d’échantillonnage de {} Hz ; on utilise de {} à {} Hz"
    ),
    "its name ends in {}, but it is {}": "son nom finit par {}, mais c’est {}",
    "several recordings joined in one file": (
        "plusieurs enregistrements réunis en un fichier"
    ),
    "several recordings joined in one file{}": (
        "plusieurs enregistrements réunis en un fichier{}"
    ),
    "0 bytes": "0 octet",
    "a WAV file without a single sample": "un fichier WAV sans un seul échantillon",
    "not a single sample in it": "pas un seul échantillon",
    "the sample at {} s is not a finite number": (
        "l’échantillon à {} s n’est pas un nombre fini"
    ),
    "the sample at {} s is {}": "l’échantillon à {} s est {}",
    # What can't be read
    "no such file": "ce fichier n’existe pas",
    "no such file: {}": "ce fichier n’existe pas : {}",
    "a folder without recordings": "un dossier sans enregistrement",
    "no right to read it": "pas le droit de le lire",
    "no right to look into this folder": "pas le droit d’ouvrir ce dossier",
    "this folder can't be read: {}": "ce dossier ne peut pas être lu : {}",
    "can't be opened: {}": "ne peut pas être ouvert : {}",
    "{}, not a file": "{}, pas un fichier",
    "no sound was found in it: neither a WAV header nor MPEG frames": (
        "aucun son n’y a été trouvé : ni en-tête WAV, ni trames MPEG"
    ),
    "most of it is neither sound nor a tag": (
        "presque rien n’y est du son, ni une étiquette"
    ),
    "a WAV file without a {} chunk": "un fichier WAV sans bloc {}",
    "a WAV file whose format chunk has {} bytes, 16 at least": (
        "un fichier WAV dont le bloc de format a {} octets, 16 au moins"
    ),
    "a WAV header that contradicts itself: {} × {} bits in frames of {} bytes": (
        "un en-tête WAV qui se contredit : {} × {} bits en trames de {} octets"
    ),
    "a WAV file said to hold {} that does not": (
        "un fichier WAV qui dit contenir {} et n’en contient pas"
    ),
    "a WAV file of codec {}": "un fichier WAV au codec {}",
    "{} without sound": "{} sans son",
    "{} whose sound no decoder here can read": (
        "{} dont aucun décodeur d’ici ne lit le son"
    ),
    "{} ({}) that can't be decoded: {}": "{} ({}) qui ne peut pas être décodé : {}",
    "no 8 kHz mono WAV": "pas un WAV mono à 8 kHz",
    "{} on which the decoder {} failed: {}": (
        "{} sur lequel le décodeur {} a échoué : {}"
    ),
    "{} ({}) on which the decoder {} failed: {}": (
        "{} ({}) sur lequel le décodeur {} a échoué : {}"
    ),
    "only {} can be decoded": "seule une partie peut être décodée ({})",
    "the decoder {}": "le décodeur s’est arrêté ({})",
    # The channels
    "nothing can be heard in it": "on n’y entend rien",
    "silent: channel {} of {}; only what is live is used": (
        "canal muet : {} sur {} ; seul le reste est utilisé"
    ),
    "channel {} of {} is silent; only the live one is used": (
        "le canal {} sur {} est muet ; seul l’autre est utilisé"
    ),
    "its channels cancel each other: on a telephone, which has one, {} dB are lost": (
        "ses canaux s’annulent : au téléphone, qui n’en a qu’un, {} dB sont perdus"
    ),
    "its channels cancel each other in part: {} dB are lost on a telephone, which has "
    "one": (
        "ses canaux s’annulent en partie : {} dB sont perdus au téléphone, qui n’en a "
        "qu’un"
    ),
    "its channels cancel each other ({} dB lost); the louder one is used alone": (
        "ses canaux s’annulent ({} dB perdus) ; seul le plus fort est utilisé"
    ),
    "its channels cancel each other in part ({} dB lost); the louder one is used "
    "alone": (
        "ses canaux s’annulent en partie ({} dB perdus) ; seul le plus fort est utilisé"
    ),
    # The level
    "too quiet: raised by {} dB, which is the most, the voice is still {} dB too quiet "
    "for a telephone": (
        "trop faible : relevée de {} dB, ce qui est le plus possible, la voix reste "
        "{} dB trop faible pour un téléphone"
    ),
    "{} dB too quiet for a telephone": "{} dB trop faible pour un téléphone",
    "{} dB too quiet for a telephone; raised by {} dB": (
        "{} dB trop faible pour un téléphone ; relevé de {} dB"
    ),
    "{} dB too loud for a telephone": "{} dB trop fort pour un téléphone",
    "{} dB too loud for a telephone; lowered by {} dB": (
        "{} dB trop fort pour un téléphone ; abaissé de {} dB"
    ),
    "distorted: recorded too loud, its peaks are cut flat {} times a second": (
        "distordu : enregistré trop fort, ses crêtes sont écrêtées {} fois par seconde"
    ),
    "recorded too loud: its peaks are cut flat in {}": (
        "enregistré trop fort : ses crêtes sont écrêtées à {}"
    ),
    "the wave lies {} of full scale off its middle, as a faulty sound card leaves it": (
        "l’onde est décalée de {} de la pleine échelle, comme le fait une carte son "
        "défectueuse"
    ),
    "the wave lies {} of full scale off its middle": (
        "l’onde est décalée de {} de la pleine échelle"
    ),
    "the wave lay {} of full scale off its middle": (
        "l’onde était décalée de {} de la pleine échelle"
    ),
    # The sound
    "the first {} s are silent; the recipient may hang up": (
        "commence par {} s de silence ; le destinataire peut raccrocher"
    ),
    "the first {} s were silent; trimmed": (
        "commençait par {} s de silence ; elles sont retirées"
    ),
    "the last {} s are silent": "finit par {} s de silence",
    "the last {} s were silent; trimmed": (
        "finissait par {} s de silence ; elles sont retirées"
    ),
    "a pause of {} s; the recipient will think that it is over": (
        "une pause de {} s ; le destinataire croira que c’est fini"
    ),
    "a pause of {} s; the recipient may think that it is over": (
        "une pause de {} s ; le destinataire peut croire que c’est fini"
    ),
    "a pause of {} s; shortened": "une pause de {} s ; elle est raccourcie",
    "so noisy that the voice stands out by {} dB only; {} are the least": (
        "si bruyant que la voix ne ressort que de {} dB ; il en faut {} au moins"
    ),
    "noisy: the voice stands out by {} dB; {} are usual": (
        "bruyant : la voix ressort de {} dB ; {} sont l’usage"
    ),
    "noisy: the voice stands out by {} dB; {} are the least": (
        "bruyant : la voix ressort de {} dB ; il en faut {} au moins"
    ),
    "a telephone passes hardly any of it: {} dB lie outside of its band (300 to 3,400 "
    "Hz)": (
        "un téléphone n’en transmet presque rien : {} dB sont hors de sa bande (300 à "
        "3\u202f400 Hz)"
    ),
    "it loses {} dB on a telephone, which passes 300 to 3,400 Hz": (
        "perd {} dB au téléphone, qui transmet de 300 à 3\u202f400 Hz"
    ),
    "the sound is gone for a moment, torn out of words, in {}": (
        "le son manque un instant, au milieu des mots, à {}"
    ),
    "mains hum at {} Hz under the voice": (
        "un ronflement du secteur à {} Hz sous la voix"
    ),
    "the voice sounds too high and too fast; its sampling rate ({} Hz) may be set "
    "wrong": (
        "la voix semble trop aiguë et trop rapide ; sa fréquence d’échantillonnage "
        "({} Hz) est peut-être fausse"
    ),
}

TERMS: Final[dict[str, str]] = {
    # Words within a sentence
    "one place": "un endroit",
    "{} places": "{} endroits",
    "more than {}": "plus de {}",
    "{} and {}": "{} et {}",
    "{} of {} s": "{} s sur {}",
    "{} bytes": "{} octets",
    "more than {} bytes": "plus de {} octets",
    "no finite number": "pas un nombre fini",
    "{} times full scale": "{} fois la pleine échelle",
    ", at {} Hz": ", à {} Hz",
    "a frame": "une trame",
    "a block": "un bloc",
    "a page": "une page",
    # Kinds of content
    "a WAV file": "un fichier WAV",
    "an MP3 file": "un fichier MP3",
    "a raw AAC file": "un fichier AAC brut",
    "an MP4 or M4A file": "un fichier MP4 ou M4A",
    "a WMA file": "un fichier WMA",
    "an Ogg file": "un fichier Ogg",
    "a FLAC file": "un fichier FLAC",
    "an AIFF file": "un fichier AIFF",
    "an AMR file": "un fichier AMR",
    "an AU file": "un fichier AU",
    "a CAF file": "un fichier CAF",
    "a Wave64 file": "un fichier Wave64",
    "a WavPack file": "un fichier WavPack",
    "a WebM or Matroska file": "un fichier WebM ou Matroska",
    "a web page, as a failed download leaves it": (
        "une page web, comme en laisse un téléchargement manqué"
    ),
    "a MIDI file: notes, not sound": "un fichier MIDI : des notes, pas du son",
    "a PDF document": "un document PDF",
    "a ZIP archive (or an office document)": (
        "une archive ZIP (ou un document bureautique)"
    ),
    "a gzip archive": "une archive gzip",
    "a PNG picture": "une image PNG",
    "a JPEG picture": "une image JPEG",
    "a GIF picture": "une image GIF",
    "a program": "un programme",
    "a Windows program": "un programme Windows",
    "text, not sound": "du texte, pas du son",
    # Places that are no files
    "a folder": "un dossier",
    "a named pipe": "un tube nommé",
    "a device": "un périphérique",
    "a socket": "une socket",
    "something else": "autre chose",
}
