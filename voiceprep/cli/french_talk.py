"""What rooms say of work under way, sentence by sentence, in French.

Left stands the English template with ``{}`` for each number or name in it, right the
French one; ``{0}``, ``{1}`` where the order is another.
"""

from __future__ import annotations

from typing import Final

__all__ = ["TALK"]

TALK: Final[dict[str, str]] = {
    # The sandbox
    "no account is set: using the embedded sandbox at {}": (
        "aucun compte n’est configuré : bac à sable intégré, à l’adresse {}"
    ),
    "no account is set: using the sandbox that runs at {}": (
        "aucun compte n’est configuré : bac à sable déjà lancé, à l’adresse {}"
    ),
    "another voiceprep still uses this sandbox: waiting for it, {} s at most; Ctrl-C "
    "leaves at once": (
        "un autre voiceprep utilise encore ce bac à sable : on l’attend, {} s au plus "
        "; Ctrl-C quitte aussitôt"
    ),
    # Batches
    "process {} on {}, since {}, works on the ledger {}; waiting for it to end": (
        "le processus {} sur {}, depuis le {}, travaille sur le registre {} ; on "
        "attend qu’il finisse"
    ),
    "process {} on {}, since {}, works on the ledger {}; wait for it, or end it": (
        "le processus {} sur {}, depuis le {}, travaille sur le registre {} ; attendez "
        "qu’il finisse, ou arrêtez-le"
    ),
    "{} works on the ledger {}; waiting for it to end": (
        "{} travaille sur le registre {} ; on attend qu’il finisse"
    ),
    "{} works on the ledger {}; wait for it, or end it": (
        "{} travaille sur le registre {} ; attendez qu’il finisse, ou arrêtez-le"
    ),
    "held back for its warnings (--strict)": "retenu pour ses réserves (--strict)",
    "the platform is away ({}); it is tried again": (
        "la plateforme est injoignable ({}) ; nouvel essai"
    ),
    "the platform is still away; no more is tried in this run": (
        "la plateforme reste injoignable ; plus d’essai cette fois-ci"
    ),
    "the platform is away ({}); what is prepared is kept for the next run": (
        "la plateforme est injoignable ({}) ; ce qui est préparé est gardé pour la "
        "prochaine fois"
    ),
    "an upload's outcome is unclear; looking for it": (
        "le sort d’un envoi n’est pas clair ; il est recherché"
    ),
    "the same bytes are on their way": "les mêmes octets sont en route",
    "rejected by {}: {}": "rejeté par {} : {}",
    "rejected by {}": "rejeté par {}",
    "it was being sent, and no answer is known; a run looks for it first": (
        "il était en cours d’envoi, sans réponse connue ; la prochaine exécution le "
        "cherche d’abord"
    ),
    "{}: no such file or folder": ("{} : ce fichier ou ce dossier n’existe pas"),
    "- is a list on standard input; it stands alone": (
        "- est une liste sur l’entrée standard ; il va seul"
    ),
    "--junit names a folder; name a file in it": (
        "--junit indique un dossier ; indiquez-y un fichier"
    ),
    "held back: nobody approved it": "retenu : personne ne l’a approuvé",
    "another run sends it": "un autre traitement l’envoie",
    "another run prepares the rest": "un autre traitement prépare le reste",
    "{}: another run began to send the same bytes meanwhile; `batch reconcile` shows "
    "whether they are there twice": (
        "{} : un autre traitement a commencé entre-temps à envoyer les mêmes octets ; "
        "`batch reconcile` montre s’ils y sont deux fois"
    ),
    "{} (`batch retry` tries it again)": "{} (`batch retry` le retente)",
    "another voiceprep sends the same bytes": (
        "un autre voiceprep envoie les mêmes octets"
    ),
    "{}: somebody changed it since it was prepared": (
        "{} : quelqu’un l’a modifié depuis sa préparation"
    ),
    "content {} bears the tag of {}, but holds {} bytes, not {}: listen to it; to send "
    "the right one, `voiceprep content delete {}`, then `voiceprep batch reconcile "
    "--resend` and the batch again": (
        "le contenu {} porte la marque de {}, mais compte {} octets au lieu de {} : "
        "écoutez-le ; pour envoyer le bon, `voiceprep content delete {}`, puis "
        "`voiceprep batch reconcile --resend`, et relancez le traitement du dossier"
    ),
    "{} of ours on the platform": "{} des nôtres sur la plateforme",
    # What is stored
    "identical, all {} samples ({})": "identique, les {} échantillons ({})",
    "differs: {}, {} samples for {}, and nothing in it resembles the preview": (
        "diffère : {}, {} échantillons au lieu de {}, et rien n’y ressemble à l’aperçu"
    ),
    "differs: {}, {} samples, and nothing in it resembles the preview": (
        "diffère : {}, {} échantillons, et rien n’y ressemble à l’aperçu"
    ),
    "differs: {}, {} samples for {}, offset {} samples, level {} dB, {}": (
        "diffère : {}, {} échantillons au lieu de {}, décalage {} échantillons, niveau "
        "{} dB, {}"
    ),
    "differs: {}, {} samples, offset {} samples, level {} dB, {}": (
        "diffère : {}, {} échantillons, décalage {} échantillons, niveau {} dB, {}"
    ),
    "signal to difference {} dB": "signal sur différence {} dB",
    "otherwise the same": "pareil pour le reste",
    "not on the platform: nothing bears its tag; upload it first": (
        "pas sur la plateforme : rien n’y porte sa marque ; envoyez-le d’abord"
    ),
    # Calls
    "another process works on these calls; waiting for it to end": (
        "un autre programme travaille sur ces appels ; on attend qu’il finisse"
    ),
    "mailing {} was there already: part {}": "l’envoi {} existait déjà : partie {}",
    "an outcome is unclear: looking again in {} s": (
        "un résultat n’est pas clair : nouvelle vérification dans {} s"
    ),
    "calling {} first": "appel d’essai au {}",
    "{} is in the plan too: it is called twice": (
        "le {} est aussi au plan : il est appelé deux fois"
    ),
    "--test: {} asked for no more calls, and is not called: test with another number": (
        "--test : le {} ne veut plus être appelé, et ne l’est pas : essayez avec un "
        "autre numéro"
    ),
    "waiting for the test call to end, {} minutes at most; nothing else is ordered "
    "before": (
        "la fin de l’appel d’essai est attendue, {} minutes au plus ; rien d’autre "
        "n’est transmis avant"
    ),
    "the platform does not show the test call yet, {} s so far": (
        "la plateforme ne montre pas encore l’appel d’essai, depuis {} s"
    ),
    "the test call is being made, {} s so far": (
        "l’appel d’essai est en cours, depuis {} s"
    ),
    "the test call waits for the platform to make it, {} s so far": (
        "l’appel d’essai attend que la plateforme le passe, depuis {} s"
    ),
    "{} faults in the script": "fautes au programme : {}",
    "{} fault in the script": "faute au programme : {}",
    # How far a mailing's order has come
    "planned": "prévue",
    "sending": "en cours d’envoi",
    "ordered": "transmise",
    "unknown": "sort inconnu",
    "failed": "en échec",
    "stopped": "arrêtée",
    "part {} of {}, {} calls: mailing {}": "partie {} sur {}, {} appels : envoi {}",
    "part {} of {}, {} calls: {}": "partie {} sur {}, {} appels : {}",
    "{}; going on to try": "{} ; nouvel essai à suivre",
    "a message that was pinged is refused: {}": "un message signalé est refusé : {}",
    "not passed on yet: {}: {}": "pas encore transmis : {} : {}",
    "it is none of this account's contents: nobody verified what it plays": (
        "ce n’est pas un contenu de ce compte : personne n’a vérifié ce qu’il fait "
        "entendre"
    ),
    "the platform does not say where the uploaded recording is": (
        "la plateforme ne dit pas où est l’enregistrement envoyé"
    ),
    "the stored recording is not the one that was uploaded": (
        "l’enregistrement conservé n’est pas celui qui a été envoyé"
    ),
    "it was uploaded as it is: what is heard of it was never previewed": (
        "il a été envoyé tel quel : ce qu’on en entend n’a jamais été écouté avant"
    ),
    "what is stored {}": "ce qui est conservé {}",
    "{} calls: {} wait, {} on, {} ok, {} ko, {} no": (
        "{} appels : {} programmés, {} en cours, {} joints, {} non joints, {} inconnus"
    ),
    "of {} ordered calls the platform lacks {}, and nobody knows why": (
        "appels transmis : {} ; absents de la plateforme : {}, on ne sait pourquoi"
    ),
    "of {} ordered calls the platform lacks {}: part {} was settled as called by your "
    "word alone; if it was not, `{} --not-called` takes that back": (
        "appels transmis : {} ; absents de la plateforme : {} ; la partie {} n’a été "
        "tranchée comme transmise que sur votre parole ; si elle ne l’a pas été, `{} "
        "--not-called` revient dessus"
    ),
    # What `doctor` looks at
    "none: the sandbox": "aucun : le bac à sable",
    "profile {}, account {}": "profil {}, compte {}",
    "not installed; {}": "pas installé ; {}",
    "not installed": "pas installé",
    "reads m4a (voiceprep[m4a])": "lit le m4a (voiceprep[m4a])",
    "libsndfile {} reads no MP3; 1.1 or later does": (
        "libsndfile {} ne lit pas le MP3 ; la version 1.1 le fait"
    ),
    "{}: not writable": "{} : pas de droit d’écriture",
    # A plan's file
    "{} is no plan of voiceprep": "{} n’est pas un plan de voiceprep",
    "{}: it is not written over; say -o with another name": (
        "{} : il n’est pas remplacé ; donnez un autre nom avec -o"
    ),
    "{} is the plan of {}, of which calls were ordered: it is kept to go on with; say "
    "-o with another name": (
        "{} est le plan de {}, dont des appels ont été transmis : il est gardé pour "
        "continuer ; donnez un autre nom avec -o"
    ),
    "{}: {} is missing, or misspelt; compare it with {}": (
        "{} : {} manque, ou est mal écrit ; comparez avec {}"
    ),
    "no such file; check the path": "ce fichier n’existe pas ; vérifiez le chemin",
    "a folder; name the list in it": "c’est un dossier ; indiquez la liste qui y est",
    "no right to read it; give yourself that (chmod u+r)": (
        "pas le droit de le lire ; donnez-vous ce droit (chmod u+r)"
    ),
    "process {} on {}, since {},": "le programme {} sur {}, depuis {},",
    "no such file or directory": "ce fichier ou ce dossier n’existe pas",
    # The whole way
    "{} more could be called with --repair": ("à appeler en plus avec --repair : {}"),
    "who has a yes in {} is left out": "qui a un oui dans {} est écarté",
    "no column of the list says who must not be called": (
        "aucune colonne de la liste ne dit qui ne pas appeler"
    ),
    "numbers stand in {} too; only {} is called": (
        "il y a aussi des numéros dans {} ; seule {} est appelée"
    ),
    "{} rows are hidden in the spreadsheet, and are read too": (
        "lignes masquées dans le classeur, lues aussi : {}"
    ),
    "{}, {} s; {} of {} contacts can be called": (
        "{}, {} s ; {} contacts sur {} peuvent être appelés"
    ),
    "{}, {} s; {} of {} contacts can be called ({}/rejected.csv says why not)": (
        "{}, {} s ; {} contacts sur {} peuvent être appelés ({}/rejected.csv dit "
        "pourquoi pas les autres)"
    ),
    "fit": "conforme",
    "fit with warnings": "conforme, avec réserves",
    "{} is what they will hear": "{} est ce qu’on entendra",
    "the platform stored what was prepared, code for code": (
        "la plateforme a conservé ce qui était préparé, octet pour octet"
    ),
    "{}, as it was made before": "{}, tel qu’il avait été fait",
    "{}: {} calls in {} mailings, {}": "{} : {} appels en {} envois, {}",
    "{}: {} calls in {} mailing, {}": "{} : {} appels en {} envoi, {}",
    "{} calls in {} mailings, playing {}": "{} appels en {} envois, message {}",
    "{} calls in {} mailing, playing {}": "{} appels en {} envoi, message {}",
    "{} of {} calls ordered": "{} appels sur {} transmis",
    "all have ended": "tous sont terminés",
    "{} still open": "{} encore en cours",
    "{} of {} reached": "{} joints sur {}",
    "{} of {} reached, {} %": "{} joints sur {}, {} %",
    "{} Here: `voiceprep campaign run … --fix {}`.": (
        "{} Ici : `voiceprep campaign run … --fix {}`."
    ),
    # Why somebody is not called
    "there is no number": "il n’y a pas de numéro",
    "a spreadsheet rounded it: export the column as text again": (
        "un tableur l’a arrondi : exportez à nouveau la colonne en texte"
    ),
    "an extension can't be dialled by the platform": (
        "la plateforme ne peut pas composer un numéro de poste"
    ),
    "it holds more than one number: choose one": (
        "il y a plus d’un numéro : choisissez-en un"
    ),
    "it holds more than digits, spaces and a + at the start": (
        "il y a autre chose que des chiffres, des espaces et un + au début"
    ),
    "its first 0 is missing, as a spreadsheet leaves it out": (
        "son premier 0 manque, comme un tableur l’enlève"
    ),
    "it begins neither with + nor with 0": "il ne commence ni par + ni par 0",
    "too few digits: a short number, or one that was cut": (
        "trop peu de chiffres : un numéro court, ou coupé"
    ),
    "too many digits": "trop de chiffres",
    "premium, shared or toll-free: it can't be called": (
        "surtaxé, à coût partagé ou gratuit : on ne peut pas l’appeler"
    ),
    "a box's number (09…) has no voicemail of a mobile; VOICE takes it": (
        "un numéro de box (09…) n’a pas de répondeur de mobile ; VOICE le prend"
    ),
    "not a mobile, and VOICEMAIL takes no other": (
        "pas un mobile, et VOICEMAIL n’en prend pas d’autre"
    ),
    "an overseas number behind +33": "un numéro d’outre-mer derrière +33",
    "no number that can exist": "un numéro qui ne peut pas exister",
    "the same number stands in an earlier row": (
        "le même numéro figure sur une ligne précédente"
    ),
    "it stands in a list that was given to leave out": (
        "il est sur une liste à exclure qui a été fournie"
    ),
    "asked for no more calls": "ne veut plus être appelé",
    "a campaign of this name calls it already": (
        "déjà appelé par une campagne de ce nom"
    ),
    "called as often as the cap allows": "appelé autant que la limite le permet",
    "where it is, and so the time there, is not known": (
        "son lieu, et donc l’heure qu’il y est, est inconnu"
    ),
    "no consent with a date and a source": "pas de consentement daté, avec sa source",
    # Why somebody is not called again
    "the call has not ended": "l’appel n’est pas terminé",
    "was reached": "a été joint",
    "may have been reached: the platform does not know": (
        "a peut-être été joint : la plateforme ne le sait pas"
    ),
    "was stopped before it was made": "a été arrêté avant d’être passé",
    "the reason would not pass": "le motif est durable",
    "the platform's words are none that we know; --reason admits them": (
        "les mots de la plateforme ne sont pas connus ; --reason les admet"
    ),
    "was called by a later mailing": "a été appelé par un envoi plus récent",
    "is going to be called by another mailing": "va être appelé par un autre envoi",
    "the platform told no number": "la plateforme n’a pas donné de numéro",
    "stands in the list already": "figure déjà dans la liste",
}
