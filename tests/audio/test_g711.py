import audioop
import hashlib

import numpy as np

from voiceprep.audio.g711 import (
    FIXED_POINT,
    SILENCE_CODE,
    SILENCE_LEVEL,
    alaw_decode,
    alaw_encode,
    ulaw_decode,
)

EVERY_INT16 = np.arange(-32_768, 32_768, dtype=np.int16)
EVERY_CODE = np.arange(256, dtype=np.uint8)


def test_alaw_equals_itu_reference_for_every_int16():
    # The hash of ITU-T G.191's own codes: facts.md, "G.711 A-law".
    digest = hashlib.sha256(alaw_encode(EVERY_INT16).tobytes()).hexdigest()
    assert digest == "38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b"


def test_decoded_values_equal_itu_reference_for_every_code():
    digest = hashlib.sha256(alaw_decode(EVERY_CODE).astype("<i2").tobytes()).hexdigest()
    assert digest == "e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174"


def test_audioop_agrees_on_alaw_and_on_ulaw():
    ours = alaw_encode(EVERY_INT16).tobytes()
    assert audioop.lin2alaw(EVERY_INT16.astype("<i2").tobytes(), 2) == ours
    assert (
        audioop.alaw2lin(bytes(256 * [0]), 2)[:2]
        == alaw_decode(np.zeros(1, np.uint8)).astype("<i2").tobytes()
    )
    decoded = ulaw_decode(EVERY_CODE).astype("<i2").tobytes()
    assert audioop.ulaw2lin(EVERY_CODE.tobytes(), 2) == decoded


def test_decoding_then_encoding_is_the_identity_for_every_code():
    assert (alaw_encode(alaw_decode(EVERY_CODE)) == EVERY_CODE).all()


def test_exactly_the_256_decoded_values_are_fixed_points():
    there = {int(v) for v in EVERY_INT16[FIXED_POINT[EVERY_INT16.view(np.uint16)]]}
    assert there == {int(v) for v in alaw_decode(EVERY_CODE)}


def test_digital_zero_becomes_plus_eight():
    assert (SILENCE_CODE, SILENCE_LEVEL) == (0xD5, 8)
    assert 0 not in alaw_decode(EVERY_CODE)


def test_a_ceiling_of_minus_one_dbfs_holds_through_alaw():
    # facts.md: every |x| <= 29204 decodes to 29184 at most.
    loud = EVERY_INT16[np.abs(EVERY_INT16.astype(int)) <= 29_204]
    assert np.abs(alaw_decode(alaw_encode(loud)).astype(int)).max() == 29_184
