"""The house of docs/design.md: who may import whom, and what the face shows."""

import ast
import subprocess
import sys
from pathlib import Path

import voiceprep

PACKAGE = Path(voiceprep.__file__).parent
# Islands stand on 1; what runs the command line, above it.
RUNG = {"errors": 0, "contract": 0, "bell": 0, "pipeline": 2, "cli": 3, "__main__": 4}
HEAVY = {  # module → the rooms that may import it
    "scipy": {"sandbox", "audio"},
    "httpx2": {"client"},
    "tenacity": {"client"},
    "starlette": {"sandbox", "pipeline"},
    "uvicorn": {"sandbox", "pipeline"},
    "sqlalchemy": {"sandbox", "ledger"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "PIL": {"report"},
    "rich": {"cli"},
    "click": {"cli"},
    "soundfile": {"audio", "sandbox", "cli"},
    "distributed": {"batch"},
    "fsspec": {"pipeline"},
}


def modules():
    """Yield each module's path, room and every name that it imports."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inner = path.relative_to(PACKAGE)
        room = inner.parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((inner, room, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{inner}: relative import"
                yield inner, room, node.module


def test_imports_go_down_the_rungs_and_never_sideways():
    wrong = []
    for path, room, name in modules():
        if not name.startswith("voiceprep.") or room == "__init__":
            continue
        other = name.split(".")[1]
        here, there = RUNG.get(room, 1), RUNG.get(other, 1)
        if other != room and there >= here:
            wrong.append(f"{path} imports {name}")
    assert wrong == []


def test_heavy_libraries_stay_in_their_islands():
    wrong = [
        f"{path} imports {name}"
        for path, room, name in modules()
        if name.split(".")[0] in HEAVY and room not in HEAVY[name.split(".")[0]]
    ]
    assert wrong == []


def test_the_sandbox_shares_no_sound_with_us():
    names = {name for _, room, name in modules() if room == "sandbox"}
    assert not any(name.startswith("voiceprep.audio") for name in names)


def test_the_face_is_explicit_small_and_whole():
    assert len(voiceprep.__all__) <= 15
    assert sorted(voiceprep.__all__) == list(voiceprep.__all__)
    for name in voiceprep.__all__:
        assert getattr(voiceprep, name).__doc__
    assert not hasattr(voiceprep, "nothing_of_the_kind")


def test_every_function_of_the_face_shows_an_example():
    for name in voiceprep.__all__:
        thing = getattr(voiceprep, name)
        if not isinstance(thing, type):
            assert ">>>" in thing.__doc__, name


def test_importing_voiceprep_costs_nothing_and_changes_nothing():
    code = (
        "import os, sys; before = dict(os.environ); import voiceprep; "
        "assert dict(os.environ) == before; "
        "print([m for m in ('numpy', 'click', 'httpx2') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_a_worker_of_a_batch_loads_no_database():
    code = (
        "import sys, voiceprep.pipeline.work; "
        "print([m for m in ('sqlalchemy', 'httpx2', 'rich') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
