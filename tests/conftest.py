"""What all tests share: tools as independent witnesses, and databases."""

import os
import shutil
import uuid

import pytest

# Taken out of the environment at once: to voiceprep itself an unknown VOICEPREP_*
# variable is a usage error.
DATABASE_SERVER = os.environ.pop("VOICEPREP_TEST_DATABASE", None)


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


@pytest.fixture(scope="session")
def new_database():
    """Give a sandbox a new, empty place for its state.

    That is None, SQLite in its own folder, or with VOICEPREP_TEST_DATABASE a database
    on that server (scripts/postgresql.sh starts one).
    """
    if DATABASE_SERVER is None:
        yield lambda: None
        return
    import sqlalchemy

    server = sqlalchemy.create_engine(DATABASE_SERVER, isolation_level="AUTOCOMMIT")
    made = []

    def new():
        name = f"voiceprep_{uuid.uuid4().hex}"
        with server.connect() as db:
            db.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        made.append(name)
        url = sqlalchemy.make_url(DATABASE_SERVER).set(database=name)
        return url.render_as_string(hide_password=False)

    yield new
    with server.connect() as db:
        for name in made:
            db.execute(sqlalchemy.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
