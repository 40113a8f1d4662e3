#!/usr/bin/env python3
"""Make the recordings of samples/: telephone messages, sound and spoilt.

The voices are espeak-ng's, the noise is seeded, the encoders are told to leave out
dates: two runs with the same tools write the same bytes. The results are committed,
so this runs only when a sample is added or altered.

    python scripts/make_samples.py [--out samples]
"""

import argparse
import io
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soxr

Samples: TypeAlias = npt.NDArray[np.float32]
"""Audio of shape (frames, channels), full scale ±1.0."""

Shape: TypeAlias = Callable[[Samples], Samples]
"""What a sample does to its mono message, of shape (frames, 1)."""

Encode: TypeAlias = Callable[[Samples, int, Path], None]
"""Write samples of a rate in Hz to a path."""

SPEECH_DBOV = -20.0  # the product's target: professional prompts lie at -19 to -21
QUIET_DBOV = -45.0  # below the -40 dBov at which a telephone message is lost
ROOM_DBFS = -65.0  # a quiet office
PAUSE_S = 0.3  # before and after the words
FRAME_S = 0.02
SPEECH_RANGE_DB = 25.0  # frames this far under the loudest are pauses
FULL_SCALE = 32_768
BUDGET_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Message:
    """A text and the espeak-ng voice that says it, at `speed` words a minute."""

    text: str
    voice: str
    speed: int = 165


PHARMACY = Message(
    "Bonjour, ici la pharmacie du Marché. Votre rendez-vous de vaccination est fixé "
    "au jeudi douze mars, à neuf heures trente. Pensez à apporter votre carte Vitale. "
    "Pour le déplacer, rappelez-nous. Merci, et à jeudi.",
    "fr",
)
TOWN_HALL = Message(
    "Bonjour, la mairie de Saint-Aubin vous informe. L'eau sera coupée rue des Lilas "
    "ce mardi, de huit heures à midi. Prévoyez quelques bouteilles. "
    "L'école et la crèche restent ouvertes.",
    "fr+m3",
    160,
)
SALE = Message(
    "C'est les soldes chez Maison Lebrun ! Jusqu'à moins cinquante pour cent sur les "
    "manteaux et les chaussures, ce vendredi et ce samedi, de neuf heures à dix-neuf "
    "heures. Nous vous attendons nombreux, place de la Mairie.",
    "fr+f3",
)
GARAGE = Message(
    "Bonjour, le garage Morel à l'appareil. Votre voiture est prête, vous pouvez "
    "venir la chercher jusqu'à dix-huit heures trente. La facture s'élève à deux cent "
    "quarante euros. À tout à l'heure.",
    "fr+m7",
    160,
)
DENTIST = Message(
    "Hello, this is Doctor Ellis's surgery. We look forward to seeing you on Thursday "
    "the twelfth of March, at half past nine. If you cannot come, please call us back. "
    "Goodbye.",
    "en-gb",
)
LIBRARY = Message(
    "Good morning, this is the town library. The book you asked for has arrived. We "
    "will keep it for you until Saturday at five. Please bring your card.",
    "en-us+f2",
)
DELIVERY = Message(
    "Hello, this is Brown and Sons. Your washing machine will be delivered tomorrow, "
    "between eight and ten in the morning. The driver will ring you before he comes. "
    "Please keep the front door clear.",
    "en-gb-scotland",
)
BAKERY = Message(
    "Hello, this is the bakery in Mill Lane. Your birthday cake is ready, and you can "
    "collect it until six this evening. See you soon.",
    "en-gb+f4",
    150,
)
TWO_MESSAGES = Message(f"{GARAGE.text} {TOWN_HALL.text}", "fr")

NOTE = """\
À enregistrer pour jeudi :

Bonjour, ici la pharmacie du Marché. Votre rendez-vous de vaccination est fixé au
jeudi douze mars, à neuf heures trente. Merci, et à jeudi.
"""


def main() -> int:
    """Make every sample and print its size and length.

    Returns
    -------
    int
        The exit code: 1 when the folder passes its budget.
    """
    parser = argparse.ArgumentParser(description="Make the recordings of samples/.")
    here = Path(__file__).resolve().parent.parent / "samples"
    parser.add_argument("--out", type=Path, default=here, help="default: samples/")
    folder: Path = parser.parse_args().out

    require_tools("espeak-ng", "ffmpeg", "lame")
    folder.mkdir(parents=True, exist_ok=True)

    total = 0
    for seed, sample in enumerate(SAMPLES):
        path = make(sample, folder, seed)
        total += path.stat().st_size
        print(f"{path.stat().st_size:>9,}  {sample.seconds:4.1f} s  {path.name}")
    (folder / "text.mp3").write_text(NOTE, encoding="utf-8")

    print(f"{total:>9,}  bytes of {BUDGET_BYTES:,} in {folder}")
    return int(total > BUDGET_BYTES)


def require_tools(*names: str) -> None:
    """Stop with one sentence when a program is missing.

    Parameters
    ----------
    names : str
        Programs; Debian's packages of them have the same names.

    Raises
    ------
    SystemExit
        Says which programs are not on PATH, and how to install them.
    """
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        sys.exit(
            f"{', '.join(missing)} not found; on Debian: "
            f"apt-get install {' '.join(missing)}"
        )


# ------------------------------------------------------------------ the recording


@dataclass(frozen=True, slots=True)
class Sample:
    """One recording: what is said, how it sounds, how it is stored."""

    name: str
    message: Message
    seconds: float
    rate: int
    encode: Encode
    shape: Shape | None = None


def make(sample: Sample, folder: Path, seed: int) -> Path:
    """Write one sample.

    Parameters
    ----------
    sample : Sample
        What to make.
    folder : Path
        Where to write it.
    seed : int
        Of its room tone.

    Returns
    -------
    Path
        The file written.
    """
    spoken = in_a_room(
        speak(sample.message, sample.rate), sample.rate, sample.seconds, seed
    )
    shaped = sample.shape(spoken) if sample.shape else spoken

    path = folder / sample.name
    sample.encode(shaped, sample.rate, path)
    return path


def speak(message: Message, rate: int) -> Samples:
    """Say a message.

    Parameters
    ----------
    message : Message
        What espeak-ng says.
    rate : int
        Of the result, in Hz.

    Returns
    -------
    Samples
        Shape (frames, 1), the speech at `SPEECH_DBOV`.
    """
    command = ["espeak-ng", "-v", message.voice, "-s", str(message.speed), "--stdout"]
    spoken = subprocess.run(
        command, input=message.text.encode(), stdout=subprocess.PIPE, check=True
    ).stdout

    # espeak-ng streams: its header's sizes are a guess, its samples start at "data".
    start = spoken.index(b"data") + 8
    pcm = np.frombuffer(spoken[start:], "<i2")
    own_rate = int.from_bytes(spoken[24:28], "little")

    said: Samples = soxr.resample(pcm / np.float32(FULL_SCALE), own_rate, rate, "VHQ")
    return at_level(said[:, np.newaxis], rate, SPEECH_DBOV)


def at_level(samples: Samples, rate: int, level_dbov: float) -> Samples:
    """Bring speech to a level, pauses left out of the reckoning.

    Parameters
    ----------
    samples : Samples
        Speech.
    rate : int
        In Hz.
    level_dbov : float
        Near ITU-T P.56's active level: the mean power of the 20 ms frames within
        `SPEECH_RANGE_DB` of the loudest.

    Returns
    -------
    Samples
        The same shape.
    """
    frame = int(FRAME_S * rate)
    whole = samples[: len(samples) // frame * frame, 0].reshape(-1, frame)
    power = np.mean(np.square(whole, dtype=np.float64), axis=1)
    speech = power > power.max() * ratio(-SPEECH_RANGE_DB) ** 2
    now_dbov = 10 * np.log10(power[speech].mean())
    return samples * np.float32(ratio(level_dbov - now_dbov))


def in_a_room(speech: Samples, rate: int, seconds: float, seed: int) -> Samples:
    """Set speech into a stretch of room tone, `PAUSE_S` after its start.

    Parameters
    ----------
    speech : Samples
        Shape (frames, 1).
    rate : int
        In Hz.
    seconds : float
        Length of the result.
    seed : int
        Of the room tone.

    Returns
    -------
    Samples
        Shape (round(seconds * rate), 1).

    Raises
    ------
    ValueError
        The speech and its two pauses are longer than `seconds`.
    """
    start = round(PAUSE_S * rate)
    length = round(seconds * rate)
    spare_s = (length - 2 * start - len(speech)) / rate
    if spare_s < 0:
        raise ValueError(f"the message is {-spare_s:.2f} s longer than {seconds} s")

    noise = np.random.default_rng(seed).standard_normal((length, 1))
    recording = (noise * ratio(ROOM_DBFS)).astype(np.float32)
    recording[start : start + len(speech)] += speech
    return recording


def ratio(level_db: float) -> float:
    """Give the amplitude ratio of a level in dB."""
    return float(10 ** (level_db / 20))


# ---------------------------------------------------------------------- the shapes


def stereo(mono: Samples) -> Samples:
    """Put the voice a little to the left, as a pair of microphones hears it."""
    return np.hstack([mono, mono * np.float32(ratio(-1.5))])


def anti_phase(mono: Samples) -> Samples:
    """Wire one channel the wrong way round: together they are silence."""
    return np.hstack([mono, -mono])


def one_channel(mono: Samples) -> Samples:
    """Leave the right channel unplugged."""
    return np.hstack([mono, np.zeros_like(mono)])


def clipped(mono: Samples) -> Samples:
    """Record 14 dB too hot, then turn it down: the flat peaks lie at -6 dBFS."""
    too_hot: Samples = np.clip(mono * np.float32(ratio(14)), -1, 1)
    return too_hot * np.float32(ratio(-6))


def too_quiet(mono: Samples) -> Samples:
    """Record from across the room."""
    return mono * np.float32(ratio(QUIET_DBOV - SPEECH_DBOV))


# -------------------------------------------------------------------- the encoders


def lame(*options: str) -> Encode:
    """Encode to MP3 with these options of lame."""

    def encode(samples: Samples, rate: int, path: Path) -> None:
        # lame lowers the rate of small bitrates unless it is told the rate, in kHz.
        command = ["lame", "--quiet", "--resample", str(rate / 1000), *options]
        riff = pcm_wav(samples, rate)
        subprocess.run([*command, "-", str(path)], input=riff, check=True)

    return encode


def ffmpeg(*options: str) -> Encode:
    """Encode to whatever these options of ffmpeg say, without dates and versions."""

    def encode(samples: Samples, rate: int, path: Path) -> None:
        source = ["-f", "f32le", "-ar", str(rate), "-ac", str(samples.shape[1])]
        command = ["ffmpeg", "-v", "error", "-y", *source, "-i", "pipe:0"]
        command += ["-fflags", "+bitexact", "-flags:a", "+bitexact", *options]
        audio = samples.astype("<f4").tobytes()
        subprocess.run([*command, str(path)], input=audio, check=True)

    return encode


def plain_wav(samples: Samples, rate: int, path: Path) -> None:
    """Write 16-bit PCM."""
    path.write_bytes(pcm_wav(samples, rate))


def half_a_wav(samples: Samples, rate: int, path: Path) -> None:
    """Write 16-bit PCM whose header declares twice the data that is there."""
    riff = pcm_wav(samples, rate)
    header = len(riff) - 2 * samples.size
    path.write_bytes(riff[: header + samples.size])


def pcm_wav(samples: Samples, rate: int) -> bytes:
    """Give samples as a RIFF file of 16-bit PCM."""
    # -32768 <= sample <= 32767: +1.0 itself has no code
    scaled = np.round(samples.astype(np.float64) * FULL_SCALE)
    pcm = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2")

    riff = io.BytesIO()
    with wave.open(riff, "wb") as out:
        out.setnchannels(samples.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm.tobytes())
    return riff.getvalue()


PAIR = ("-b", "64", "-m", "s")
MULAW = ("-c:a", "pcm_mulaw")
VOIP = ("-c:a", "libopus", "-b:a", "24k", "-application", "voip")

# Rates and lengths are as small as each point allows: the folder is committed.
SAMPLES = (
    Sample("clean.mp3", PHARMACY, 13.3, 44_100, lame("--cbr", "-b", "96"), stereo),
    Sample("vbr.mp3", DELIVERY, 12, 44_100, lame("-V", "6")),
    # -t: no Xing tag. The first frame's bitrate then misleads libsndfile: 3 s of 11.
    Sample("vbr-no-xing.mp3", SALE, 11.4, 44_100, lame("-V", "6", "-t")),
    Sample("cd.wav", TOWN_HALL, 10.6, 44_100, plain_wav),
    Sample("24-bit.wav", LIBRARY, 10.5, 11_025, ffmpeg("-c:a", "pcm_s24le")),
    Sample("float.wav", GARAGE, 11.4, 8_000, ffmpeg("-c:a", "pcm_f32le")),
    Sample("alaw-8k.wav", DENTIST, 12, 8_000, ffmpeg("-c:a", "pcm_alaw")),
    Sample("48k-mono.wav", LIBRARY, 10.5, 48_000, plain_wav),
    Sample("anti-phase.mp3", TOWN_HALL, 10.6, 22_050, lame("-b", "48"), anti_phase),
    Sample("one-channel.mp3", DENTIST, 12, 22_050, lame(*PAIR), one_channel),
    Sample("clipped.wav", SALE, 11.4, 8_000, plain_wav, clipped),
    Sample("too-quiet.mp3", GARAGE, 11.4, 22_050, lame("-b", "48"), too_quiet),
    Sample("9.9-seconds.wav", BAKERY, 9.9, 8_000, plain_wav),
    Sample("wav-named.mp3", PHARMACY, 13.3, 8_000, ffmpeg("-f", "wav", *MULAW)),
    Sample("truncated.wav", TWO_MESSAGES, 20.8, 8_000, half_a_wav),
    Sample("phone-memo.opus", DELIVERY, 12, 48_000, ffmpeg(*VOIP)),
)


if __name__ == "__main__":
    sys.exit(main())
