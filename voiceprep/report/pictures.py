"""Paint what was measured: an envelope as a path, a spectrogram as ink on glass."""

from __future__ import annotations

import io
import zlib
from typing import Final

import numpy as np
import numpy.typing as npt

from voiceprep.report.names import data_link

__all__ = ["REACH", "TOP_HZ", "WIDTH", "ink", "outline"]

WIDTH: Final = 600  # of a drawing of the whole time, whatever its screen's size
REACH: Final = 100  # full scale, up and down from the middle line
TOP_HZ: Final = 8_000  # of a spectrogram: shows what the telephone leaves out
_SHADES: Final = 16  # a palette of 4 bits a dot
_RANGE_DB: Final = 70.0  # from the darkest dot down to bare glass
_LEAST_TOP_DB: Final = -50.0  # of full scale: softer than this, all is bare glass
_CURVE: Final = 1.6  # makes noise fade and speech stand out

Float32 = npt.NDArray[np.float32]


def outline(envelope: Float32) -> str:
    """Return the path of a waveform, `WIDTH` wide and twice `REACH` high.

    Parameters
    ----------
    envelope : (points, 2) float32
        Lowest and highest sample of each stretch, full scale ±1.0.

    Returns
    -------
    str
        Along the tops and back along the bottoms, in whole numbers; y points
        down, as in SVG.

    >>> outline(np.array([[-0.5, 0.5], [-1.0, 1.0]], np.float32))
    'M0-50l600-50V100l-600-50Z'
    """
    drawn = envelope if len(envelope) > 1 else np.repeat(envelope, 2, axis=0)
    low, high = np.rint(np.clip(drawn.T, -1, 1) * -REACH).astype(int)
    x = np.rint(np.linspace(0, WIDTH, len(drawn))).astype(int)
    there, back = _steps(x, high), _steps(x[::-1], low[::-1])
    return f"M0{_signed(high[0])}{there}V{low[-1]}{back}Z"


def _steps(x: npt.NDArray[np.int_], y: npt.NDArray[np.int_]) -> str:
    """Write the lines from point to point, each told from the one before it."""
    pairs = zip(np.diff(x).tolist(), np.diff(y).tolist(), strict=True)
    return "l" + " ".join(f"{dx}{_signed(dy)}" for dx, dy in pairs)


def _signed(value: int) -> str:
    """Write a number after another; a minus sign parts them by itself."""
    return f"{value}" if value < 0 else f" {value}"


def ink(spectrogram: Float32) -> str:
    """Return a spectrogram as a ``data:`` link to a small PNG.

    Parameters
    ----------
    spectrogram : (rows, columns) float32
        Decibels; row 0 is the lowest.

    Returns
    -------
    str
        Black in 16 shades from clear to full, so that paper and night can both
        lie under it. The loudest hundredth is full, but for silence, which is clear.

    >>> ink(np.zeros((64, 300), np.float32))[:26]
    'data:image/png;base64,iVBO'
    """
    from PIL import Image

    top = max(float(np.percentile(spectrogram, 99)), _LEAST_TOP_DB)
    share = np.clip((spectrogram - top) / _RANGE_DB + 1, 0, 1) ** _CURVE
    shades = np.rint(share * (_SHADES - 1)).astype(np.uint8)[::-1]
    image = Image.frombytes("P", shades.shape[::-1], shades.tobytes())
    image.putpalette(bytes(3 * _SHADES))
    clear = bytes(shade * 255 // (_SHADES - 1) for shade in range(_SHADES))
    file = io.BytesIO()
    # Runs alone: a third of the time of all that zlib can look for, and no larger.
    image.save(file, "PNG", bits=4, compress_type=zlib.Z_RLE, transparency=clear)
    return data_link(file.getvalue(), "image/png")
