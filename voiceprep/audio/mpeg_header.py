"""Read the headers of MPEG audio frames.

ISO/IEC 11172-3 and 13818-3; MPEG-2.5 as Fraunhofer IIS defined it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["HEADERS", "FrameKind", "frame_kind", "kind_of"]

_KBPS: Final = {  # (MPEG-1?, layer) → bit rates of the indices 1 to 14
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES: Final = {  # version bits (3: MPEG-1, 2: MPEG-2, 0: 2.5) → Hz
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}
_SAMPLES: Final = {  # (MPEG-1?, layer) → samples a frame
    (True, 1): 384,
    (True, 2): 1_152,
    (True, 3): 1_152,
    (False, 1): 384,
    (False, 2): 1_152,
    (False, 3): 576,
}
_SIDE_BYTES: Final = {  # (MPEG-1?, channels) → layer III side information
    (True, 1): 17,
    (True, 2): 32,
    (False, 1): 9,
    (False, 2): 17,
}
# Every first three bytes that a header can have: sync, version and layer that exist,
# a bit rate and a sampling rate that are not forbidden. Searching for it, and not for
# 0xFF, crosses 19 MB of 0xFF in a fraction of a second.
HEADERS: Final = re.compile(
    rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]["
    + re.escape(bytes(byte for byte in range(0xF0) if byte & 0x0C != 0x0C))
    + rb"]",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class FrameKind:
    """Hold what one frame header says.

    Parameters
    ----------
    length : int
        Bytes of the whole frame; 0 for free format, whose length is measured.
    samples : int
        Samples a channel.
    rate : int
        Hz.
    channels, layer : int
        1 or 2; 1 to 3.
    padding : int
        Bytes of padding, part of `length`.
    side_bytes : int
        Bytes of layer III side information.
    family : int
        The header bits that stay the same in one stream: sync, version, layer
        and sampling rate.
    """

    length: int
    samples: int
    rate: int
    channels: int
    layer: int
    padding: int
    side_bytes: int
    family: int


def frame_kind(header: int) -> FrameKind | None:
    """Read a 32-bit frame header; None where it is none.

    >>> frame_kind(0xFFFB9064).length        # 128 kbit/s, 44.1 kHz, joint stereo
    417
    >>> frame_kind(0x52494646) is None       # "RIFF"
    True
    """
    # Below bit 6: mode extension, copyright, emphasis; no matter for the walk.
    return kind_of(header >> 6)


@lru_cache(maxsize=8_192)
def kind_of(word: int) -> FrameKind | None:
    """Read the upper 26 bits of a frame header; as `frame_kind`."""
    version, layer = word >> 13 & 3, 4 - (word >> 11 & 3)
    bitrate, rate_index, padded = word >> 6 & 15, word >> 4 & 3, word >> 3 & 1
    if word >> 15 != 0x7FF or version == 1 or layer == 4:
        return None
    if bitrate == 15 or rate_index == 3:
        return None
    first, rate = version == 3, _RATES[version][rate_index]
    samples, slot = _SAMPLES[first, layer], 4 if layer == 1 else 1
    length = 0
    if bitrate:
        bits = _KBPS[first, layer][bitrate - 1] * 1_000
        # Whole slots, as the standard counts them, then the padding slot.
        length = (samples // 8 * bits // (rate * slot) + padded) * slot
    channels = 1 if word & 3 == 3 else 2
    return FrameKind(
        length=length,
        samples=samples,
        rate=rate,
        channels=channels,
        layer=layer,
        padding=padded * slot,
        side_bytes=_SIDE_BYTES[first, channels],
        family=word & 0x3FFF830,
    )
