"""What all tests share: tools as independent witnesses, and databases."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

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


@pytest.fixture(scope="session")
def postgresql(tool):
    """Make new databases on a PostgreSQL of the tests' own, or on the one given."""
    import sqlalchemy

    tool("pg_isready")
    script = Path(__file__).parents[1] / "scripts" / "postgresql.sh"
    told = ["sh", "-c", "echo $VOICEPREP_TEST_DATABASE; exec cat"]
    with subprocess.Popen(
        [script, *told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        url = sqlalchemy.make_url(server.stdout.readline().strip())
        admin = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")

        def new():
            name = f"voiceprep_{uuid.uuid4().hex}"
            with admin.connect() as db:
                db.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
            return url.set(database=name).render_as_string(hide_password=False)

        yield new
        admin.dispose()
        server.stdin.close()  # the server ends with the command beside it
