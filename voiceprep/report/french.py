"""What rules and errors say, sentence by sentence, in French.

Left stands the English template with ``{}`` for each number or word in it, right the
French one; ``{0}``, ``{1}`` where the order is another. `sentences` puts them to use.
A sentence that is not here is told by what its code means (`diagnoses`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["FACTS", "REMEDIES", "TERMS"]

FACTS: Final[dict[str, str]] = {
    # The file
    "{} bytes; the platform takes {} at most": (
        "{} octets ; la plateforme en accepte {} au plus"
    ),
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
    "a WAV file said to hold {} that does not": (
        "un fichier WAV qui dit contenir {} et n’en contient pas"
    ),
    "a WAV file of codec {}": "un fichier WAV au codec {}",
    "{} without sound": "{} sans son",
    "{} whose sound no decoder here can read": (
        "{} dont aucun décodeur d’ici ne lit le son"
    ),
    "{} ({}) that can't be decoded: {}": "{} ({}) qui ne peut pas être décodé : {}",
    "{} ({}) on which the decoder {} failed: {}": (
        "{} ({}) sur lequel le décodeur {} a échoué : {}"
    ),
    "only {} can be decoded": "seule une partie peut être décodée ({})",
    "the decoder {}": "le décodeur s’est arrêté ({})",
    # The channels
    "nothing can be heard in it": "on n’y entend rien",
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

_RECORD_QUIETLY: Final = "Enregistrez à nouveau dans une pièce calme."

REMEDIES: Final[dict[str, str]] = {
    # What a repair does
    "`--fix size` sends the telephone version, which is far smaller.": (
        "`--fix size` envoie la version téléphone, bien plus petite."
    ),
    "`--fix size` sends it as A-law WAV, half as large.": (
        "`--fix size` l’envoie en WAV loi A, moitié moins grand."
    ),
    "`--fix duration` adds silence at the end.": (
        "`--fix duration` ajoute du silence à la fin."
    ),
    "`--fix format` sends the telephone version, a WAV.": (
        "`--fix format` envoie la version téléphone, un WAV."
    ),
    "`--fix phase` uses the louder channel alone.": (
        "`--fix phase` n’utilise que le canal le plus fort."
    ),
    "`--fix level` raises it.": "`--fix level` le relève.",
    "`--fix level` lowers it.": "`--fix level` l’abaisse.",
    "`--fix dc` puts it back.": "`--fix dc` la recentre.",
    "The telephone version is put back by itself; `--fix dc` says that you know.": (
        "La version téléphone est recentrée d’elle-même ; `--fix dc` dit que vous le "
        "savez."
    ),
    "`--fix silence` trims it.": "`--fix silence` le retire.",
    "`--fix silence` shortens it.": "`--fix silence` la raccourcit.",
    "`--master off` keeps yours.": "`--master off` garde le vôtre.",
    "`--master clarity` helps boomy voices.": (
        "`--master clarity` aide les voix sourdes."
    ),
    # What a person may overrule
    "`--accept clipping` sends it all the same.": (
        "`--accept clipping` l’envoie tel quel."
    ),
    "`--accept long_pause` keeps it.": "`--accept long_pause` la garde.",
    "`--accept noisy` sends it all the same.": "`--accept noisy` l’envoie tel quel.",
    "`--accept band_loss` sends it all the same.": (
        "`--accept band_loss` l’envoie tel quel."
    ),
    # What to do with the file
    "Send the part that is to be heard, under 41 minutes.": (
        "Envoyez la partie à faire entendre, moins de 41 minutes."
    ),
    "Send the part that is to be heard.": "Envoyez la partie à faire entendre.",
    "Fetch or export it again; the rest is missing from the file.": (
        "Récupérez-le ou exportez-le à nouveau ; le reste manque dans le fichier."
    ),
    "Fetch or export it again, and compare the sizes.": (
        "Récupérez-le ou exportez-le à nouveau, et comparez les tailles."
    ),
    "Run again when it is written whole.": (
        "Recommencez quand il sera écrit en entier."
    ),
    "Or export it as MP3 or WAV.": "Ou exportez-le en MP3 ou en WAV.",
    "Or export it as MP3 or WAV from the program that recorded it.": (
        "Ou exportez-le en MP3 ou en WAV depuis le programme qui l’a enregistré."
    ),
    "Export it as MP3 or WAV from the program that recorded it.": (
        "Exportez-le en MP3 ou en WAV depuis le programme qui l’a enregistré."
    ),
    "Export it again from the program that recorded it.": (
        "Exportez-le à nouveau depuis le programme qui l’a enregistré."
    ),
    "Export it again, as 16-bit WAV or MP3.": (
        "Exportez-le à nouveau, en WAV 16 bits ou en MP3."
    ),
    "`pip install 'voiceprep[m4a]'`.": "`pip install 'voiceprep[m4a]'`.",
    "Rename it; other programs may go by the name.": (
        "Renommez-le ; d’autres programmes se fient au nom."
    ),
    "Send them apart, or join them in an audio program.": (
        "Envoyez-les un par un, ou réunissez-les dans un programme audio."
    ),
    "Check the path.": "Vérifiez le chemin.",
    "Check the URL.": "Vérifiez l’adresse.",
    "Check your rights.": "Vérifiez vos droits.",
    "Files ending in .mp3 or .wav are looked for, in its subfolders too.": (
        "On y cherche les fichiers en .mp3 ou .wav, sous-dossiers compris."
    ),
    "Give yourself the right to read it (chmod u+r).": (
        "Donnez-vous le droit de le lire (chmod u+r)."
    ),
    "Give yourself the right to (chmod u+rx).": ("Donnez-vous ce droit (chmod u+rx)."),
    "Name a recording; `-` reads from a pipe.": (
        "Nommez un enregistrement ; `-` lit un flux."
    ),
    "Is it the right file?": "Est-ce le bon fichier ?",
    "Is it really a recording?": "Est-ce vraiment un enregistrement ?",
    # What to do with the microphone
    "Record it again; was the microphone on?": (
        "Enregistrez à nouveau ; le micro était-il allumé ?"
    ),
    "No need to act.": "Rien à faire.",
    "To mend the source, export it in mono.": (
        "Pour corriger la source, exportez-la en mono."
    ),
    "Record it again, closer to the microphone.": (
        "Enregistrez à nouveau, plus près du micro."
    ),
    "Better: record it again, closer to the microphone.": (
        "Mieux : enregistrez à nouveau, plus près du micro."
    ),
    "Better: record it again with less gain.": (
        "Mieux : enregistrez à nouveau avec moins de gain."
    ),
    "Better: record it again with another device.": (
        "Mieux : enregistrez à nouveau avec un autre appareil."
    ),
    "Record it again with less gain; no repair brings the peaks back.": (
        "Enregistrez à nouveau avec moins de gain ; aucune réparation ne rend les "
        "crêtes."
    ),
    "Record it again in a quiet room.": _RECORD_QUIETLY,
    "Record it again without effects, or with another microphone.": (
        "Enregistrez à nouveau sans effets, ou avec un autre micro."
    ),
    # What to listen to
    "Listen to the preview.": "Écoutez l’aperçu.",
    "Listen to the preview; a quieter room helps.": (
        "Écoutez l’aperçu ; une pièce plus calme aide."
    ),
    "Listen to the preview; another cable or socket helps.": (
        "Écoutez l’aperçu ; un autre câble ou une autre prise aide."
    ),
    "Listen there; record it again with less gain if it crackles.": (
        "Écoutez ces endroits ; enregistrez à nouveau avec moins de gain si cela "
        "grésille."
    ),
    "Listen there; record or export it again.": (
        "Écoutez ces endroits ; enregistrez ou exportez à nouveau."
    ),
    "Listen to its end: the file may have been cut.": (
        "Écoutez sa fin : le fichier a pu être coupé."
    ),
    "Listen to its end: the last word may be cut.": (
        "Écoutez sa fin : le dernier mot est peut-être coupé."
    ),
    "Listen to it; export it again with the rate that it was recorded at.": (
        "Écoutez-le ; exportez-le à nouveau à la fréquence de l’enregistrement."
    ),
}

TERMS: Final[dict[str, str]] = {
    # Words within a sentence
    "one place": "un endroit",
    "{} places": "{} endroits",
    "{} and {}": "{} et {}",
    "{} of {} s": "{} s sur {}",
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
