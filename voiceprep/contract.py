"""The platform's words: paths, fields, states and limits. No behaviour.

H1 to H3 and R1 to R42 are the items of docs/platform-contract.md.
"""

from __future__ import annotations

from typing import Final

# Hosts of the live platform (H1). Stored files live on a fourth host, which
# never sees a token.
TOKEN_URL: Final = "https://oauth.messengeo.net/token"
CONTENT_URL: Final = "https://baseo.messengeo.net/content/rest/"
API_URL: Final = "https://api.messengeo.net/rest/"
CREDENTIALS_PLACE: Final = "app.digitaleo.com, Parameters, API"  # H1

# Paths below one base, as the sandbox serves all services (H2).
TOKEN_PATH: Final = "token"
CONTENT_PATH: Final = "content/rest/"
API_PATH: Final = "rest/"
FILES_PATH: Final = "datas/"

# Authentication
GRANT_TYPE: Final = "client_credentials"  # R1
TOKEN_TYPE: Final = "bearer"  # R2
TOKEN_SCOPE: Final = "basic"  # R2
INVALID_CLIENT: Final = "invalid_client"  # R3
INVALID_CLIENT_DESCRIPTION: Final = "The client credentials are invalid"  # R3
MAX_TOKEN_CHARS: Final = 50_000  # R4
MAX_HEADER_BYTES: Final = 64 * 1024  # R4
BEARER: Final = "Bearer"  # R6, case-sensitive
AUTHENTICATE_FAILED: Final = '{"status":401,"message":"Authenticate failed"}'  # R7

# Calls
ACTIONS: Final = ("read", "create", "update", "delete")  # R8
ACTION_OF_VERB: Final = {  # R8
    "GET": "read",
    "POST": "create",
    "PUT": "update",
    "DELETE": "delete",
}
NEVER_FILTERS: Final = frozenset(  # R13
    {
        "action",
        "callback",
        "_",
        "access_token",
        "limit",
        "offset",
        "total",
        "sort",
        "properties",
        "metaData",
        "format",
        "sources",
    }
)
DEFAULT_PROPERTIES: Final = "DEFAULT"  # R17
JSON_TYPE: Final = "application/json"  # R24: exactly, no charset

# Contents
CONTENTS: Final = "contents"  # R27
CONTENT_FIELDS: Final = (  # R30
    "id",
    "name",
    "description",
    "comment",
    "filename",
    "filesize",
    "mimeType",
    "duration",
    "tags",
    "url",
    "url_encoded",
)
MAX_BYTES_CLIENT: Final = 20_000_000  # R28: safe for MB and for MiB
MAX_BYTES_PLATFORM: Final = 20 * 2**20  # R28: what the sandbox refuses above
MIN_DURATION_S: Final = 10.0  # R28: samples / rate, decoded, never rounded
TELEPHONE_RATE: Final = 8_000  # R29, Hz
MIN_TELEPHONE_SAMPLES: Final = 80_000  # R28 at R29's rate
ENCODED_SUFFIX: Final = ".pcm"  # R30

# Mailings
MAILINGS: Final = "mailings"  # R32
VOICE: Final = "VOICE"  # R32: a push call; plays the content's `url` (R33)
VOICEMAIL: Final = "VOICEMAIL"  # R32: an answering machine; its `url_encoded`
MEDIA: Final = (VOICE, VOICEMAIL)
VOICE_TYPES: Final = ("vxml", "wav")  # R32: "wav" for MP3 too
MAX_CONTACTS: Final = 1_000  # R35
ACCOUNT_ZONE: Final = "Europe/Paris"  # R37: of dates without offset
ACCOUNT_REGION: Final = "FR"  # R34: of local numbers
MAILING_FIELDS: Final = (  # R32, R36; those without an item are [ours]
    "id",
    "name",
    "media",
    "type",
    "link",
    "date",  # ISO-8601; when the calls are due
    "createdDate",
    "pingUrl",
    "status",  # of MAILING_STATES
    "contactsCount",
    "stats",
)
# [ours]: all wait; some are done or under way; all are final; stopped by a client.
MAILING_STATES: Final = ("wait", "on", "done", "cancelled")
CANCELLED: Final = MAILING_STATES[-1]  # ends the description of a stopped call too
STATS_FIELDS: Final = (  # R42
    "total",
    "wait",
    "on",
    "ok",
    "ko",
    "no",
    "optout",
    "rep",
)

# Pings
PING_ID: Final = "#id#"  # R38: replaced by one message's id
PING_IDS: Final = "#ids#"  # R38: by several, with commas between

# Messages
MESSAGES: Final = "messages"  # R40
STATES: Final = ("wait", "on", "ok", "ko", "no")  # R40
FINAL_STATES: Final = ("ok", "ko", "no")  # R40
MESSAGE_FIELDS: Final = (  # R40: "about fifteen", chosen by us
    "id",
    "mailingId",
    "mailingName",
    "media",
    "type",
    "link",
    "recipient",  # E.164
    "date",  # ISO-8601; when the call is due
    "createdDate",
    "sentDate",
    "statusDate",
    "currentStatus",  # {"shortKey", "description"}
    "duration",  # whole seconds that were listened to
    "attempts",
    "optout",
)
