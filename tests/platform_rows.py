"""Rows of the platform, written by hand from the contract (R30, R32, R40, R42)."""


def content(**fields):
    known = {
        "id": "7001",
        "name": "Relance mars",
        "description": None,
        "comment": None,
        "filename": "relance.wav",
        "filesize": "240044",
        "mimeType": "audio/wav",
        "duration": 15,
        "tags": ["mars"],
        "url": "http://127.0.0.1/datas/9f/relance.wav",
        "url_encoded": "http://127.0.0.1/datas/9f/relance.pcm",
    }
    return {**known, **fields}


def mailing(**fields):
    known = {
        "id": "42",
        "name": "Relance mars",
        "media": "VOICE",
        "type": "wav",
        "link": "http://127.0.0.1/datas/9f/relance.wav",
        "date": "2026-03-12T09:00:00+01:00",
        "createdDate": "2026-03-11T17:00:00+01:00",
        "pingUrl": None,
        "status": "wait",
        "contactsCount": 3,
        "stats": stats(total=3, wait=3),
    }
    return {**known, **fields}


def stats(**fields):
    words = ("total", "wait", "on", "ok", "ko", "no", "optout", "rep")
    return {**dict.fromkeys(words, 0), **fields}


def message(**fields):
    known = {
        "id": "91",
        "mailingId": "42",
        "mailingName": "Relance mars",
        "media": "VOICE",
        "type": "wav",
        "link": "http://127.0.0.1/datas/9f/relance.wav",
        "recipient": "+33612345678",
        "date": "2026-03-12T09:00:00+01:00",
        "createdDate": "2026-03-11T17:00:00+01:00",
        "sentDate": "2026-03-12T09:00:02+01:00",
        "statusDate": "2026-03-12T09:00:31+01:00",
        "currentStatus": {"shortKey": "ko", "description": "voice busy"},
        "duration": 0,
        "attempts": 1,
        "optout": False,
    }
    return {**known, **fields}
