"""What all tests share: tools as independent witnesses, named when they lack."""

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def tool():
    """Find a program that judges independently; skip by name, but never in CI."""

    def find(name):
        path = shutil.which(name)
        if path is None and os.environ.get("CI"):
            pytest.fail(f"{name} is not installed; .ci/run installs it")
        if path is None:
            pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")
        return path

    return find
