"""What our errors say, sentence by sentence, in French.

As in `french_talk`. The more exact of two templates that fit stands first.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ERRORS"]

ERRORS: Final[dict[str, str]] = {
    # The disk
    "check the path": "vérifiez le chemin",
    "give yourself the right to it": "donnez-vous-en le droit",
    "not a folder": "n’est pas un dossier",
    "make room there": "libérez de la place",
    "choose a folder that can be written to": (
        "choisissez un dossier où l’on peut écrire"
    ),
    # Settings and the account
    "there is no profile {}; there are: {}": (
        "il n’y a pas de profil {} ; il y a : {}"
    ),
    "{}: there is no setting {}; did you mean {}?": (
        "{} : le réglage {} n’existe pas ; vouliez-vous dire {} ?"
    ),
    "{}: there is no setting {}": "{} : le réglage {} n’existe pas",
    "{} is not a variable of voiceprep; did you mean {}?": (
        "{} n’est pas une variable de voiceprep ; vouliez-vous dire {} ?"
    ),
    "{} is not a variable of voiceprep": "{} n’est pas une variable de voiceprep",
    "{} ({}) is set, but empty; give it, or unset it": (
        "{} ({}) est présent, mais vide ; donnez-le, ou retirez-le"
    ),
    "no account is set: give client_id and its secret": (
        "aucun compte n’est configuré : donnez client_id et son secret"
    ),
    "{}: the platform does not accept the credentials{}; check client_id and its "
    "secret: {}": (
        "{} : la plateforme refuse les identifiants{} ; vérifiez client_id et son "
        "secret : {}"
    ),
    "{}; check client_id and its secret: {}": (
        "{} ; vérifiez client_id et son secret : {}"
    ),
    # The way to the platform
    "{}: no connection ({})": "{} : pas de connexion ({})",
    "{}: no connection in time": "{} : pas de connexion à temps",
    "{}: no connection": "{} : pas de connexion",
    "{}: no answer in time": "{} : pas de réponse à temps",
    "{}: the connection broke ({})": "{} : la connexion a été coupée ({})",
    "{}: the connection broke": "{} : la connexion a été coupée",
    "{}: the connection ended too early": "{} : la connexion s’est terminée trop tôt",
    "{}: not done within {} s (deadline_s)": ("{} : pas terminé en {} s (deadline_s)"),
    "{}: the certificate is not trusted; is a proxy in between?": (
        "{} : le certificat n’est pas reconnu ; y a-t-il un proxy entre les deux ?"
    ),
    "{}; try again later": "{} ; réessayez plus tard",
    "{}: no ledger is there; is --ledger right?": (
        "{} : il n’y a pas de registre à cet endroit ; --ledger est-il juste ?"
    ),
    "{}; it may have happened: look it up before it is repeated": (
        "{} ; cela a peut-être eu lieu : à rechercher avant de recommencer"
    ),
    "{}; try again in {} s": "{} ; réessayez dans {} s",
    "port {} is taken by something that is not the sandbox of {}; stop it, or choose "
    "another port with VOICEPREP_SANDBOX_PORT": (
        "le port {} est pris par autre chose que le bac à sable de {} ; arrêtez-le, ou "
        "choisissez un autre port avec VOICEPREP_SANDBOX_PORT"
    ),
    "the sandbox's data can't be kept in {}: {}; VOICEPREP_SANDBOX_DATA names another "
    "folder": (
        "les données du bac à sable ne peuvent pas être gardées dans {} : {} ; "
        "VOICEPREP_SANDBOX_DATA indique un autre dossier"
    ),
    # Batches
    "{}: no batch has written there; name its OUT": (
        "{} : aucun traitement n’y a écrit ; indiquez son dossier OUT"
    ),
    "{}: artefacts would lie among the recordings; choose another folder with -o (one "
    "within it will do)": (
        "{} : les fichiers préparés se mêleraient aux enregistrements ; choisissez un "
        "autre dossier avec -o (un sous-dossier convient)"
    ),
    "{}: its artefacts would replace it; name others": (
        "{} : ses fichiers préparés le remplaceraient ; choisissez-en d’autres"
    ),
    # Names, plans and sending
    "nothing bears the name {}: nothing was stopped; `voiceprep mailing list` shows "
    "the names, with their tags": (
        "rien ne porte le nom {} : rien n’a été arrêté ; `voiceprep mailing list` "
        "montre les noms, avec leur marque"
    ),
    "nothing bears the name {}: `voiceprep mailing list` shows the names, with their "
    "tags": (
        "rien ne porte le nom {} : `voiceprep mailing list` montre les noms, avec leur "
        "marque"
    ),
    "no mailing on the platform is named {}; `voiceprep mailing list` shows their "
    "names, the tag included": (
        "aucun envoi de la plateforme ne s’appelle {} ; `voiceprep mailing list` "
        "montre leurs noms, marque comprise"
    ),
    "{} may be any of {}: name one with its tag; or --all, which adds them up": (
        "{} peut être l’une de {} : indiquez-la avec sa marque ; ou --all, qui les "
        "additionne"
    ),
    "{} may be any of {}: name one with its tag": (
        "{} peut être l’une de {} : indiquez-la avec sa marque"
    ),
    "{} was stopped: nothing more of it is sent; plan another campaign": (
        "{} a été arrêtée : rien n’en part plus ; préparez une autre campagne"
    ),
    "{} is no plan of voiceprep": "{} n’est pas un plan de voiceprep",
    "{}: this is no plan ({}) of voiceprep": (
        "{} : ce n’est pas un plan ({}) de voiceprep"
    ),
    "{}: the plan was altered since it was made: plan again": (
        "{} : le plan a été modifié depuis : refaites-le"
    ),
    "the plan can't be made: there is nobody to call; left out: {}": (
        "le plan ne peut être fait : il n’y a personne à appeler ; écartés : {}"
    ),
    "the plan can't be made: there is nobody to call": (
        "le plan ne peut pas être fait : il n’y a personne à appeler"
    ),
    "the plan can't be made: {}": "le plan ne peut pas être fait : {}",
    "content {} is not on the platform: name a link, an id or a tag of `voiceprep "
    "content list`, or a recording after `voiceprep upload`": (
        "le contenu {} n’est pas sur la plateforme : indiquez un lien, un identifiant "
        "ou une marque de `voiceprep content list`, ou un enregistrement après "
        "`voiceprep upload`"
    ),
    "content {} no longer plays what was planned, on this account: nothing was sent; "
    "plan again": (
        "le contenu {} ne fait plus entendre ce qui était prévu, sur ce compte : rien "
        "n’a été envoyé ; refaites le plan"
    ),
    "--confirm {}, and the plan calls {} people: nothing was sent; read the plan "
    "again": (
        "--confirm {}, et le plan appelle {} personnes : rien n’a été envoyé ; relisez "
        "le plan"
    ),
    "this is a live platform, and {} people will be called: nothing was sent; say "
    "--confirm {}": (
        "c’est la vraie plateforme, et {} personnes vont être appelées : rien n’a été "
        "envoyé ; dites --confirm {}"
    ),
    "nobody verified what these calls will play: nothing was sent; upload the "
    "recording with `voiceprep upload`, and plan with its link": (
        "personne n’a vérifié ce que ces appels feront entendre : rien n’a été envoyé "
        "; envoyez l’enregistrement avec `voiceprep upload`, et faites le plan avec "
        "son lien"
    ),
    "part {} was to begin at {}, which is past: it would be called at once; say --now "
    "for that": (
        "la partie {} devait commencer le {}, et c’est passé : elle serait appelée "
        "aussitôt ; dites --now si c’est voulu"
    ),
    "part {} can't be called now: the window {} is closed in {} until {} there": (
        "la partie {} ne peut pas être appelée maintenant : la plage horaire {} est "
        "fermée ({}) jusqu’au {}, heure locale"
    ),
    "the ledger knows no part {} of {}": (
        "le registre ne connaît pas de partie {} de {}"
    ),
    "part {} of {} is {}: there is nothing to resolve": (
        "la partie {} de {} ({}) : il n’y a rien à trancher"
    ),
    "the test call has not ended after {} s; run it again to go on waiting: nobody is "
    "called twice": (
        "l’appel d’essai n’est pas terminé après {} s ; relancez pour continuer à "
        "attendre : personne n’est appelé deux fois"
    ),
    "the test call {} may have been ordered, and is not called again: {}; then "
    "`voiceprep mailing resolve {} --part {} --called` or --not-called": (
        "l’appel d’essai {} a peut-être été transmis, et n’est pas repassé : {} ; puis "
        "`voiceprep mailing resolve {} --part {} --called` ou --not-called"
    ),
    "its id is not known": "son identifiant n’est pas connu",
    "mailing {} bears the name {} and {}: nothing more was sent; look at it (voiceprep "
    "mailing show {}), or end everything of that name with `voiceprep mailing stop`": (
        "l’envoi {} porte le nom {} et {} : rien d’autre n’a été envoyé ; regardez-le "
        "(voiceprep mailing show {}), ou arrêtez tout ce qui porte ce nom avec "
        "`voiceprep mailing stop`"
    ),
    "calls the people of part {} once more": (
        "appelle une fois de plus les personnes de la partie {}"
    ),
    "calls {} people who are no part of its plan": (
        "appelle {} personnes qui ne sont pas dans son plan"
    ),
    "mailing {} of {} shows {} of {} of its calls so far: whose it is can't be told "
    "yet; nothing more was sent, run it again in a minute": (
        "l’envoi {} de {} montre pour l’instant {} de ses {} appels : on ne sait pas "
        "encore à qui il est ; rien d’autre n’a été envoyé, relancez dans une minute"
    ),
    "--test: {}: {}": "--test : {} : {}",
    "--at is {}; it is a date such as 2026-12-01T10:00": (
        "--at vaut {} ; c’est une date comme 2026-12-01T10:00"
    ),
    "--cap is {}; it is CALLS/DAYS, such as 4/30": (
        "--cap vaut {} ; c’est APPELS/JOURS, comme 4/30"
    ),
    "{} holds {}, which was sent of another recording, list or options: run it with "
    "those again to go on, or begin another campaign with -o FOLDER": (
        "{} contient {}, partie avec un autre enregistrement, une autre liste ou "
        "d’autres options : reprenez-les pour continuer, ou commencez une autre "
        "campagne avec -o FOLDER"
    ),
    "it still waits, though the platform took its end: look at it there": (
        "il attend toujours, bien que la plateforme en ait accepté l’arrêt : regardez-y"
    ),
    "mailing {} is part {} of {}, and calls others than part {}: look for another": (
        "l’envoi {} est la partie {} de {} et appelle d’autres personnes que la partie "
        "{} : cherchez-en un autre"
    ),
    "{} of these people asked for no more calls since it was planned: nothing more is "
    "sent; plan again, which leaves them out": (
        "personnes du plan qui ont demandé depuis à ne plus être appelées : {} ; "
        "rien de plus n’est envoyé ; refaites le plan, qui les écarte"
    ),
    "{} of these people asked for no more calls since it was planned: nothing more is "
    "sent; end it with `voiceprep mailing stop`, then plan again, which leaves them "
    "out": (
        "personnes du plan qui ont demandé depuis à ne plus être appelées : {} ; "
        "rien de plus n’est envoyé ; mettez-y fin avec `voiceprep mailing stop`, puis "
        "refaites le plan, qui les écarte"
    ),
    "another campaign {} calls {} of these people already: nothing more is sent; end "
    "it with `voiceprep mailing stop`, then plan again, which leaves them out, or with "
    "--again, which calls them twice": (
        "une autre campagne {} appelle déjà {} de ces personnes : rien de plus n’est "
        "envoyé ; mettez-y fin avec `voiceprep mailing stop`, puis refaites le plan, "
        "qui les écarte, ou avec --again, qui les appelle deux fois"
    ),
    "another campaign {} calls {} of these people already: nothing more is sent; plan "
    "again, which leaves them out, or with --again, which calls them twice": (
        "une autre campagne {} appelle déjà {} de ces personnes : rien de plus n’est "
        "envoyé ; refaites le plan, qui les écarte, ou avec --again, qui les appelle "
        "deux fois"
    ),
    "a campaign {} calls {} of these people already, and nobody else is left: nothing "
    "was planned; say --again to call them twice": (
        "une campagne {} appelle déjà {} de ces personnes, et il ne reste personne "
        "d’autre : rien n’est prévu ; dites --again pour les appeler deux fois"
    ),
    "there is no window {}; there are: {}": (
        "il n’y a pas d’horaires {} ; il y a : {}"
    ),
    "its name holds a comma, and could never be looked up by it": (
        "son nom contient une virgule, et ne pourrait jamais être retrouvé"
    ),
    "its name holds a line end or another control": (
        "son nom contient une fin de ligne ou un autre caractère de contrôle"
    ),
    "its name is longer than {} characters": "son nom dépasse {} caractères",
    "it has no name": "elle n’a pas de nom",
    "its date {} is past, which would call at once: say --now for that": (
        "sa date, {}, est passée, et l’appel partirait aussitôt ; dites --now si c’est "
        "voulu"
    ),
    "{}; these calls may be ordered already. Don't repeat it: look on the platform for "
    "a mailing {}, of {} contacts, created just now ({})": (
        "{} ; ces appels sont peut-être déjà transmis. Ne recommencez pas : cherchez "
        "sur la plateforme un envoi {}, de {} contacts, créé à l’instant ({})"
    ),
    "{}: interrupted": "{} : interrompu",
    "named {}": "nommé {}",
    "without a name": "sans nom",
    # Lists
    "{} is no time such as 90, 15m, 2h, 1d": (
        "{} n’est pas une durée comme 90, 15m, 2h, 1d"
    ),
    "{}: line {}: a quote opens there, and the rows after it are taken for one cell; "
    "close the quote, or remove it": (
        "{} : ligne {} : un guillemet s’y ouvre, et les lignes suivantes passent pour "
        "une seule cellule ; fermez-le, ou retirez-le"
    ),
    "{} is empty: there is no contact in it": "{} est vide : il n’y a aucun contact",
    "{}: no column holds telephone numbers for {}; name it with --column": (
        "{} : aucune colonne ne contient de numéros pour {} ; indiquez-la avec --column"
    ),
    "{}: columns {} hold telephone numbers; say which one with --column, or several "
    "in their order": (
        "{} : les colonnes {} contiennent des numéros ; dites laquelle avec --column, "
        "ou plusieurs dans leur ordre"
    ),
    "{}: sheets {} hold telephone numbers; say which one with --sheet": (
        "{} : les feuilles {} contiennent des numéros ; dites laquelle avec --sheet"
    ),
    "--require-consent needs two columns, consent_at and consent_source": (
        "--require-consent demande deux colonnes, consent_at et consent_source"
    ),
    "{} has no sheet {}; it has: {}": "{} n’a pas de feuille {} ; il y a : {}",
    "{} is no spreadsheet and has no sheets; leave --sheet out": (
        "{} n’est pas un classeur et n’a pas de feuilles ; laissez --sheet de côté"
    ),
    "{} has no column {}; it has: {}": "{} n’a pas de colonne {} ; il y a : {}",
    "{} is no text; a list is CSV or xlsx": (
        "{} n’est pas du texte ; une liste est en CSV ou en xlsx"
    ),
    "{} is an old Excel file (.xls): save it as .xlsx": (
        "{} est un ancien fichier Excel (.xls) : enregistrez-le en .xlsx"
    ),
    "{} is a spreadsheet: pip install 'voiceprep[xlsx]', or save it as CSV": (
        "{} est un classeur : pip install 'voiceprep[xlsx]', ou enregistrez-le en CSV"
    ),
}
