"""Voices for the scripts that judge the rules: Debian's prompts, and espeak-ng's.

Debian's packages are fetched by name into a cache folder and unpacked there; nothing
is installed, and no right of root is needed.
"""

import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

PACKAGE = "asterisk-core-sounds-{language}-wav"
LEFT_OUT = ("/silence/", "tt-monkeys", "tt-somethingwrong", "tt-weasels")
SAID = {
    "en-gb": "Hello, this is Doctor Ellis's surgery. We look forward to seeing you on "
    "Thursday the twelfth of March, at half past nine. If you cannot come, please call "
    "us back before noon. Thank you very much, and goodbye until then.",
    "fr+f3": "Bonjour, ici la pharmacie du Marché. Votre rendez-vous de vaccination "
    "est fixé au jeudi douze mars, à neuf heures trente. Pensez à apporter votre carte "
    "Vitale. Pour le déplacer, rappelez-nous. Merci, et à jeudi.",
    "de": "Guten Tag, hier ist die Werkstatt. Ihr Wagen ist fertig und kann bis "
    "achtzehn Uhr abgeholt werden. Die Rechnung beträgt zweihundertvierzig Euro. "
    "Vielen Dank und auf Wiederhören, bis später.",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Hold speech, (n,) float32, full scale ±1.0, and its rate in Hz."""

    name: str
    samples: Float32
    rate: int


def cache() -> Path:
    """Name this user's cache folder under the system's temporary one."""
    return Path(tempfile.gettempdir()) / f"voiceprep-voices-{getuser()}"


def prompts(language: str = "en", least_s: float = 2.0) -> list[Path]:
    """Fetch Debian's prompts of a language; list those that are long enough.

    Parameters
    ----------
    language : str
        ``en es fr it ru``.
    least_s : float
        Shorter ones are left out, as are silences and the shrieking monkeys.
    """
    folder = cache() / language
    if not folder.is_dir():
        fetch(PACKAGE.format(language=language), folder)
    files = sorted(folder.rglob("*.wav"))
    kept = [f for f in files if not any(word in f.as_posix() for word in LEFT_OUT)]
    return [file for file in kept if seconds(file) >= least_s]


def fetch(package: str, folder: Path) -> None:
    """Download a Debian package and unpack it into a folder."""
    with tempfile.TemporaryDirectory(dir=made(cache())) as name:
        words = ["apt-get", "download", "-qq", package]
        subprocess.run(words, cwd=name, check=True, stderr=subprocess.DEVNULL)
        (archive,) = Path(name).glob("*.deb")
        unpacked = Path(name) / "unpacked"
        subprocess.run(["dpkg-deb", "-x", archive, unpacked], check=True)
        unpacked.rename(folder)


def made(folder: Path) -> Path:
    """Make a folder where it lacks, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def seconds(path: Path) -> float:
    """Return the length of a WAV file."""
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


def read(path: Path) -> Voice:
    """Read a mono WAV file of 16 bits."""
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        samples = pcm.astype(np.float32) / np.float32(32_768)
        return Voice(path.stem, samples, file.getframerate())


def spoken() -> Iterator[Voice]:
    """Say `SAID` by espeak-ng."""
    folder = made(cache() / "spoken")
    for name, text in SAID.items():
        path = folder / f"{name}.wav"
        subprocess.run(["espeak-ng", "-v", name, "-w", path, text], check=True)
        voice = read(path)
        # espeak-ng leaves 0.1 % of DC; a recording in good order has none.
        yield Voice(
            f"espeak-ng {name}", voice.samples - voice.samples.mean(), voice.rate
        )
