"""ITU-T P.56, method B, sample by sample: the witness of our fast one.

Written from the algorithm of G.191's speech voltmeter (sv-p56.c, version 2.3 of May
2005), step by step: 15 thresholds, a hangover of 200 ms, two smoothers of 30 ms, a
margin of 15.9 dB, and its interpolation within 0.5 dB.
"""

import math


def scalar(samples):
    """Return level (dBov) and activity of samples in 16-bit steps; −100, 0: silence."""
    rate, time_constant, hangover, margin = 8_000, 0.03, 0.2, 15.9
    keep = math.exp(-1 / (rate * time_constant))
    longest = math.floor(hangover * rate + 0.5)
    thresholds = [2.0**-n for n in range(15, 0, -1)]
    active, waited = [0] * 15, [longest] * 15
    power = first = second = 0.0
    for value in (samples / 32_768).tolist():
        power += value * value
        first = keep * first + (1 - keep) * abs(value)
        second = keep * second + (1 - keep) * first
        for n, threshold in enumerate(thresholds):
            if second >= threshold:
                active[n] += 1
                waited[n] = 0
            elif waited[n] < longest:
                active[n] += 1
                waited[n] += 1
    long_term = 10 * math.log10(power / len(samples) + 1e-20)

    def at(n):
        return (
            10 * math.log10(power / active[n] + 1e-20),
            20 * math.log10(thresholds[n]),
        )

    if not active[0] or at(0)[0] - at(0)[1] < margin:
        return -100.0, 0.0
    for n in range(1, 15):
        if active[n] and at(n)[0] - at(n)[1] <= margin:
            level = interpolated(*at(n), *at(n - 1), margin)
            return level, 10 ** ((long_term - level) / 10)
    return -100.0, 0.0


def interpolated(upper, upper_at, lower, lower_at, margin, tolerance=0.5):
    if abs(upper - upper_at - margin) < tolerance:
        return upper
    if abs(lower - lower_at - margin) < tolerance:
        return lower
    middle, middle_at, turn = (upper + lower) / 2, (upper_at + lower_at) / 2, 1
    while abs(apart := middle - middle_at - margin) > tolerance:
        turn += 1
        if turn > 20:
            tolerance *= 1.1
        if apart > tolerance:
            middle, middle_at = (upper + middle) / 2, (upper_at + middle_at) / 2
            lower, lower_at = middle, middle_at
        elif apart < -tolerance:
            middle, middle_at = (middle + lower) / 2, (middle_at + lower_at) / 2
            upper, upper_at = middle, middle_at
    return middle
