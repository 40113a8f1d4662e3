import numpy as np
import pytest


@pytest.fixture
def speech():
    """Speech-like noise at 44.1 kHz: bursts of coloured noise with pauses between."""
    rng = np.random.default_rng(7)
    n = np.arange(44_100 * 12)
    burst = (np.sin(2 * np.pi * 1.3 * n / 44_100) > -0.4).astype(np.float32)
    noise = np.cumsum(rng.standard_normal(len(n)))
    noise -= np.convolve(noise, np.ones(200) / 200, mode="same")
    return (0.2 * burst * noise / np.abs(noise).max()).astype(np.float32)
