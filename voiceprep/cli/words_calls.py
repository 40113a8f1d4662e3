"""The words of mailings, campaigns and messages, English and French (as `words`)."""

from __future__ import annotations

from typing import Final

__all__ = ["CALL_COUNTS", "CALL_WORDS"]

CALL_WORDS: Final[dict[str, tuple[str, str]]] = {
    # Titles of tables; one that is not here is a code, the same in every language
    "title.name": ("name", "nom"),
    "title.media": ("media", "média"),
    "title.state": ("state", "état"),
    "title.recipient": ("recipient", "destinataire"),
    "title.said": ("said", "motif"),
    "title.since": ("since", "depuis"),
    "title.seconds": ("seconds", "secondes"),
    "title.mailing": ("mailing", "envoi"),
    "title.part": ("part", "partie"),
    "title.calls": ("calls", "appels"),
    "title.to": ("to", "à"),
    "title.where": ("where", "où"),
    "title.their clock": ("their clock", "à leur heure"),
    "title.not reached because": ("not reached because", "non joints parce que"),
    "title.ended from": ("ended from", "terminés à partir de"),
    "title.message": ("message", "message"),
    "title.reason": ("reason", "motif"),
    "title.called": ("called", "appels passés"),
    "title.in": ("in {zone}", "heure de {zone}"),
    # States of calls, and of the orders that they were given by
    "state.wait": ("wait", "programmé"),
    "state.on": ("on", "en cours"),
    "state.ok": ("ok", "joint"),
    "state.ko": ("ko", "non joint"),
    "state.no": ("no", "inconnu"),
    "order.planned": ("planned", "prévu"),
    "order.sending": ("sending", "en cours d’envoi"),
    "order.ordered": ("ordered", "transmis"),
    "order.unknown": ("unknown", "sort inconnu"),
    "order.refused": ("refused", "refusé"),
    "order.failed": ("failed", "en échec"),
    "order.stopped": ("stopped", "arrêté"),
    # A plan
    "plan.campaign": ("campaign", "campagne"),
    "plan.media": ("media", "média"),
    "plan.plays": ("plays", "lien"),
    "plan.heard": ("heard", "écoute"),
    "plan.calls": ("calls", "appels"),
    "plan.window": ("window", "horaires"),
    "plan.any": (
        "any: at any hour, nights, Sundays and holidays too",
        "any : à toute heure, nuits, dimanches et jours fériés compris",
    ),
    "plan.skipped": ("skipped", "écartés"),
    "plan.left_out": (
        "{path} names who is left out, and why",
        "{path} dit qui est écarté, et pourquoi",
    ),
    "plan.later": (
        "{window} is closed then: calls begin {at}; for --window there are {names}",
        "{window} est fermé alors : début {at} ; pour --window, il y a {names}",
    ),
    "plan.near": (
        "within a day {name!r} calls {people} of them too; --cap 1/1 leaves them out",
        "à moins d’un jour, {name!r} appelle aussi {people} ; --cap 1/1 les écarte",
    ),
    "plan.unverified": ("not verified", "non vérifié"),
    "plan.in": ("{calls} in {mailings}", "{calls} en {mailings}"),
    "plan.at_once": ("at once", "immédiatement"),
    "plan.doubt": ("not verified: {why}", "non vérifié : {why}"),
    "planned": (
        "{calls} planned in {mailings}, nothing sent",
        "{calls} au plan, en {mailings} ; rien n’est envoyé",
    ),
    # Sending it
    "send.would": (
        "would send {calls}; nothing was sent",
        "lancerait {calls} ; rien n’a été envoyé",
    ),
    "send.all": (
        "nothing to do: all {n} calls are ordered",
        "rien à faire : tout est déjà transmis (appels : {n})",
    ),
    "send.none": ("nothing was sent", "rien n’a été envoyé"),
    "send.some": ("{n} of {calls} ordered", "{n} sur {calls} : transmis"),
    "send.interrupted": ("interrupted", "interrompu"),
    "send.goes_on": (
        "{said}. Next: {command} goes on",
        "{said}. Ensuite : {command} reprend où il s’est arrêté",
    ),
    "test": (
        "the test call to {number} came to {state}{why}",
        "appel d’essai au {number} : {state}{why}",
    ),
    "test.stopped": (
        "{said}: nothing more was sent",
        "{said} : rien d’autre n’a été envoyé",
    ),
    "doubt": (
        (
            "part {part} ({calls} calls) may have been ordered, and is not called "
            "again: look on the platform, then `{command} --called` or --not-called"
        ),
        (
            "la partie {part} (appels : {calls}) a peut-être été transmise, et n’est "
            "pas rappelée : regardez sur la plateforme, puis `{command} --called` ou "
            "--not-called"
        ),
    ),
    # Stopping it, and settling what is in doubt
    "stop.campaign": ("campaign", "campagne"),
    "stop.stopped": ("stopped", "arrêtés"),
    "stop.called": ("called", "déjà passés"),
    "stop.waiting": ("waiting", "en attente"),
    "stop.of": ("{calls} of mailing {id}", "{calls} de l’envoi {id}"),
    "stop.came": ("{calls} {state}", "{calls} : {state}"),
    "stop.why": ("mailing {id}: {why}", "envoi {id} : {why}"),
    "stop.said": (
        "{calls} stopped, {n} had been called",
        "arrêt de {calls} ; déjà passés : {n}",
    ),
    "stop.not": (
        "{mailings} could not be stopped",
        "{mailings} : arrêt impossible",
    ),
    "stop.again": (
        "run `{command}` again in a minute",
        "relancez `{command}` dans une minute",
    ),
    "stop.over": (
        "nothing more of it can be sent",
        "plus rien n’en peut être envoyé",
    ),
    "stop.would": (
        "would stop {calls}; nothing was stopped",
        "arrêterait {calls} ; rien n’a été arrêté",
    ),
    "resolve.would": (
        "would settle part {part} of {name!r}",
        "trancherait la partie {part} de {name!r}",
    ),
    "resolve.found": (
        "it is on the platform after all",
        "elle est bien sur la plateforme",
    ),
    "resolve.settled": ("settled by your word", "tranchée sur votre parole"),
    "resolve.said": (
        "part {part} of {name!r} is {state}: {how}",
        "partie {part} de {name!r} ({state}) : {how}",
    ),
    "resolve.back": (
        "the platform shows none of it; if that was a mistake, `{command}`",
        "la plateforme n’en montre rien ; si c’était une erreur, `{command}`",
    ),
    # Statistics
    "stats.missing": ("{said}; not there: {ids}", "{said} ; introuvables : {ids}"),
    "stats.none": ("no messages", "aucun message"),
    "stats.said": (
        "{messages}, {ok} ({percent} %)",
        "{messages}, {ok} ({percent} %)",
    ),
    "stats.stopped": (
        "{calls} of these stopped before ringing",
        "dont arrêt avant l’appel : {calls}",
    ),
    "stats.people": (
        "{reached} of {called} reached ({percent} %)",
        "personnes jointes : {reached} sur {called} ({percent} %)",
    ),
    "stats.reasons": ("not reached: {reasons}", "non joints : {reasons}"),
    "stats.more": ("--by reason tells all", "--by reason les dit tous"),
    "stats.trouble": (
        "reasons and hours as they were known: {why}",
        "motifs et heures tels qu’ils étaient connus : {why}",
    ),
    "stats.unread": (
        "reasons and hours lack {messages} that moved meanwhile",
        "il manque aux motifs et aux heures {messages} qui ont évolué entre-temps",
    ),
    # Whom to call again
    "retry.trouble": (
        "as calls were known: {why}",
        "d’après les appels déjà connus : {why}",
    ),
    "retry.not": ("{n} not: {why}", "{n} à ne pas rappeler : {why}"),
    "retry.coming": (
        "is going to be called by {name!r}",
        "va être appelé par {name!r}",
    ),
    "retry.coming_at": (
        "is going to be called by {name!r} on {when}",
        "va être appelé par {name!r}, le {when}",
    ),
    "retry.again": ("{people} may be called again", "{people} à rappeler"),
    # The whole way
    "step.check": ("check", "contrôle"),
    "step.prepare": ("prepare", "préparation"),
    "step.upload": ("upload", "dépôt"),
    "step.verify": ("verify", "vérification"),
    "step.plan": ("plan", "plan"),
    "step.confirm": ("confirm", "accord"),
    "step.send": ("send", "envoi"),
    "step.watch": ("watch", "suivi"),
    "step.stats": ("stats", "bilan"),
    "run.would": (
        "would {steps} in {folder}; nothing was done",
        "ferait {steps} dans {folder} ; rien n’a été fait",
    ),
    "run.confirm": (
        "{n} people will be called. Type that number",
        "personnes à appeler : {n}. Tapez ce nombre",
    ),
    "run.later": (
        "not waiting: the last begin at {when}",
        "sans attendre : les derniers commencent le {when}",
    ),
    "run.over": (
        "nothing to do: all {n} calls of {name} have ended",
        "rien à faire : tous les appels de {name} sont terminés ({n})",
    ),
    "run.ordered": (
        "{n} of {calls} calls of {name} ordered",
        "appels transmis pour {name} : {n} sur {calls}",
    ),
    "run.again": (
        "run it again to go on following",
        "relancez la commande pour continuer le suivi",
    ),
    "run.stopped": (
        "stopped with {n} calls ordered",
        "arrêt ; appels transmis : {n}",
    ),
    "run.maybe": (
        "{said}, and {n} that may have been",
        "{said}, peut-être transmis : {n}",
    ),
    "run.goes_on": (
        "run it again to go on",
        "relancez la commande pour continuer",
    ),
    "run.settle": (
        "settle that as said above, then run it again to go on",
        "tranchez comme dit ci-dessus, puis relancez la commande pour continuer",
    ),
    "run.mend": (
        "mend the recording first; {command}",
        "corrigez d’abord l’enregistrement ; {command}",
    ),
    "run.no_file": (
        "name a file that is there",
        "indiquez un fichier qui existe",
    ),
    "run.account": (
        "mend the account's settings first; voiceprep doctor",
        "corrigez d’abord les réglages du compte ; voiceprep doctor",
    ),
    "run.once": (
        "run it again once that is mended",
        "relancez la commande une fois cela réglé",
    ),
    "run.stops": (
        "it stops there again until what is said above is seen to",
        "tant que ce point n’est pas réglé, elle s’arrêtera là de nouveau",
    ),
    # The sign-off
    "proof.rejected": (
        "what will be heard was rejected: mend it, and plan again",
        "ce qui sera entendu a été rejeté : corrigez-le, et refaites le plan",
    ),
    "proof.unverified": (
        "nobody verified what will be heard: listen to it before {command}",
        "personne n’a vérifié ce qui sera entendu : écoutez-le avant {command}",
    ),
    "proof.open": (
        "to be signed. Next: --approved FILE, or {command}",
        "à signer. Ensuite : --approved FILE, ou {command}",
    ),
    "proof.approved": (
        "approved by {n}. Next: {command}",
        "approuvé par {n}. Ensuite : {command}",
    ),
}

CALL_COUNTS: Final[dict[str, tuple[str, str]]] = {
    "call": ("{n} appel", "{n} appels"),
    "waiting call": ("{n} appel en attente", "{n} appels en attente"),
    "mailing": ("{n} envoi", "{n} envois"),
    "message": ("{n} message", "{n} messages"),
    "content": ("{n} contenu", "{n} contenus"),
    "person": ("{n} personne", "{n} personnes"),
    "ok": ("{n} joint", "{n} joints"),
}
