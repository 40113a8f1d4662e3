"""Hold audio in memory: one shape, one scale, for every recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Audio", "Float32", "Int16", "Samples", "UInt8"]

Float32 = npt.NDArray[np.float32]
Int16 = npt.NDArray[np.int16]
UInt8 = npt.NDArray[np.uint8]
Samples = Float32  # (frames, channels), full scale ±1.0


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Hold samples and their rate.

    Parameters
    ----------
    samples : (frames, channels) float32
        Full scale ±1.0; read-only. One dimension is taken as mono.
    rate : int
        Hz, above 0.

    Raises
    ------
    ValueError
        Where the shape is not (frames, channels) or the rate is not positive.

    >>> import numpy as np
    >>> audio = Audio(np.zeros(80_000, np.float32), 8_000)
    >>> audio.samples.shape, audio.duration_s
    ((80000, 1), 10.0)
    """

    samples: Samples
    rate: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float32)
        if samples.ndim == 1:
            samples = samples[:, np.newaxis]
        if samples.ndim != 2:
            raise ValueError(f"samples of shape {samples.shape}: (frames, channels)")
        if self.rate <= 0:
            raise ValueError(f"rate of {self.rate} Hz: above 0")
        samples = samples.view()
        samples.flags.writeable = False
        object.__setattr__(self, "samples", samples)

    @property
    def frames(self) -> int:
        """Count the sample frames."""
        return int(self.samples.shape[0])

    @property
    def channels(self) -> int:
        """Count the channels."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Return the length in seconds, frames / rate."""
        return self.frames / self.rate
