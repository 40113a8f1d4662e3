"""What rules and errors say to do, sentence by sentence, in French (as `french`)."""

from __future__ import annotations

from typing import Final

__all__ = ["REMEDIES"]

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
    "Record it again in a quiet room.": ("Enregistrez à nouveau dans une pièce calme."),
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
    "Listen to its end; export it again if anything is missing.": (
        "Écoutez sa fin ; exportez-le à nouveau s’il y manque quelque chose."
    ),
    "Listen to its end: the last word may be cut.": (
        "Écoutez sa fin : le dernier mot est peut-être coupé."
    ),
    "Listen to it; export it again with the rate that it was recorded at.": (
        "Écoutez-le ; exportez-le à nouveau à la fréquence de l’enregistrement."
    ),
}
