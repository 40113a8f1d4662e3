"""Voices for the scripts that judge the rules: Debian's prompts, and synthetic ones.

Debian's packages are fetched by name into a cache folder and unpacked there; nothing
is installed, and no right of root is needed.
"""

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

# Professional, then amateurs at home (8 kHz; the last two in GSM's 13 kbit/s).
PROFESSIONAL = {
    name: f"asterisk-core-sounds-{name}-wav" for name in ("en", "es", "fr", "it", "ru")
}
AMATEUR = {
    "it-menardi": "asterisk-prompt-it-menardi-wav",
    "fr-armelle": "asterisk-prompt-fr-armelle",
    "es-co": "asterisk-prompt-es-co",
}
LEFT_OUT = ("/silence/", "tt-monkeys")
DOCTOR = (
    "Hello, this is Doctor Ellis's surgery. We look forward to seeing you on "
    "Thursday the twelfth of March, at half past nine. If you cannot come, please call "
    "us back before noon. Thank you very much, and goodbye until then."
)
SAID = {
    "en-gb": DOCTOR,
    "fr+f3": "Bonjour, ici la pharmacie du Marché. Votre rendez-vous de vaccination "
    "est fixé au jeudi douze mars, à neuf heures trente. Pensez à apporter votre carte "
    "Vitale. Pour le déplacer, rappelez-nous. Merci, et à jeudi.",
    "de": "Guten Tag, hier ist die Werkstatt. Ihr Wagen ist fertig und kann bis "
    "achtzehn Uhr abgeholt werden. Die Rechnung beträgt zweihundertvierzig Euro. "
    "Vielen Dank und auf Wiederhören, bis später.",
}
# Not listened to while thresholds were chosen.
SAID_ELSEWHERE = {
    "da": "Goddag, det er lægehuset. Din tid er torsdag den tolvte marts klokken halv "
    "ti. Hvis du ikke kan komme, så ring til os inden klokken tolv. Mange tak, og på "
    "gensyn på torsdag, hav en god dag.",
    "fi+f4": "Hyvää päivää, täällä on terveyskeskus. Aikanne on torstaina "
    "kahdestoista maaliskuuta kello puoli kymmenen. Jos ette pääse tulemaan, soittakaa "
    "meille ennen puoltapäivää. Kiitos ja näkemiin.",
    "hu": "Jó napot kívánok, itt az orvosi rendelő. Az időpontja március "
    "tizenkettedike, csütörtök, fél tíz. Ha nem tud eljönni, kérjük, hívjon vissza "
    "minket dél előtt. "
    "Köszönjük szépen, viszontlátásra.",
    "cs+f2": "Dobrý den, tady ordinace. Váš termín je ve čtvrtek dvanáctého března v "
    "půl desáté. Pokud nemůžete přijít, zavolejte nám prosím do poledne. Děkujeme a na "
    "shledanou ve čtvrtek, mějte se hezky.",
    "ro+m2": "Bună ziua, aici este cabinetul medical. Programarea dumneavoastră este "
    "joi, doisprezece martie, la nouă și jumătate. Dacă nu puteți veni, vă rugăm să ne "
    "sunați înainte de prânz. Vă mulțumim, la revedere.",
    "ca": "Bon dia, truquem de la farmàcia. La seva cita és dijous dotze de març a dos "
    "quarts de deu. Si no pot venir, truqui'ns abans del migdia. Moltes gràcies i fins "
    "dijous, que tingui un bon dia.",
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


def prompts(name: str = "en", least_s: float = 2.0) -> list[Path]:
    """Fetch Debian's prompts of a voice; list those that are long enough.

    Parameters
    ----------
    name : str
        A key of `PROFESSIONAL` or `AMATEUR`.
    least_s : float
        Shorter ones are left out, as are silences and the shrieking monkeys.
    """
    folder = cache() / name
    if not folder.is_dir():
        fetch((PROFESSIONAL | AMATEUR)[name], folder)
    kept = [
        path
        for path in sorted(folder.rglob("*.wav"))
        if not any(word in path.as_posix() for word in LEFT_OUT)
    ]
    return [path for path in kept if seconds(path) >= least_s]


def fetch(package: str, folder: Path) -> None:
    """Download a Debian package and unpack it into a folder, GSM turned into WAV."""
    with tempfile.TemporaryDirectory(dir=made(cache())) as name:
        words = ["apt-get", "download", "-qq", package]
        subprocess.run(words, cwd=name, check=True, stderr=subprocess.DEVNULL)
        (archive,) = Path(name).glob("*.deb")
        unpacked = Path(name) / "unpacked"
        subprocess.run(["dpkg-deb", "-x", archive, unpacked], check=True)
        for path in unpacked.rglob("*.gsm"):
            source = ["-t", "gsm", "-r", "8000", str(path)]
            target = ["-b", "16", str(path.with_suffix(".wav"))]
            subprocess.run(["sox", *source, *target], check=True)
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


def spoken(said: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Say texts by espeak-ng's voices, `SAID` by default."""
    folder = made(cache() / "espeak-ng")
    for name, text in (said or SAID).items():
        path = folder / f"{name}.wav"
        subprocess.run(["espeak-ng", "-v", name, "-w", path, text], check=True)
        yield path


def concatenative() -> Iterator[Path]:
    """Say `DOCTOR` by flite's voices, recorded from people; none without flite."""
    if shutil.which("flite") is None:
        return
    folder = made(cache() / "flite")
    for name in ("awb", "kal16", "rms", "slt"):
        path = folder / f"{name}.wav"
        words = ["flite", "-voice", name, "-t", DOCTOR, "-o", path]
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
        yield path
