"""openapi.yaml says what the sandbox does: held true by schemathesis, seeded."""

from pathlib import Path

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from talk import MAILINGS, MESSAGES, Caller, a_mailing

import voiceprep.sandbox
from voiceprep.sandbox import Sandbox

PLACE = Path(voiceprep.sandbox.__file__).with_name("openapi.yaml")
# Left out on purpose: what judges by the schema alone whether data are right. The
# platform takes more than can be written down (R9 to R11, R13), and less: a metaData, a
# number that nobody can have. And who needs a token: JSONP refuses in a 200 (R25, R7).
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    allow_header_conformance,
]
BOUNDED = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,  # the same calls every time
    database=None,
    suppress_health_check=list(HealthCheck),
)


OPERATIONS = [
    found.ok() for found in schemathesis.openapi.from_path(PLACE).get_all_operations()
]


@pytest.fixture(scope="module")
def caller(new_database, tmp_path_factory):
    """Call a sandbox that has something to read, to change and to delete."""
    data = tmp_path_factory.mktemp("box")
    with Sandbox(data, database=new_database()) as box:
        one = Caller(box)
        for _ in range(2):
            one.upload()
            one.send("POST", MAILINGS, a_mailing(name="openapi"))
        yield one


CASES = [
    pytest.param(operation, mode, id=f"{operation.label} {mode.name.lower()}")
    for operation in OPERATIONS
    for mode in GenerationMode
    # What takes no parameter can't be asked wrongly.
    if mode is GenerationMode.POSITIVE or operation.path != "/openapi.yaml"
]


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_the_sandbox_answers_as_it_is_described(caller, operation, mode):
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case):
        case.call_and_validate(
            base_url=caller.base, headers=caller.bearer, checks=CHECKS
        )

    each()


def test_the_document_served_is_the_one_beside_the_code(caller):
    reply = caller.raw("GET", "/openapi.yaml")
    assert (reply.status, reply.body) == (200, PLACE.read_bytes())
    assert reply.headers["Content-Type"] == "application/yaml"


def test_every_path_and_verb_of_the_resources_is_described(caller):
    document = yaml.safe_load(PLACE.read_text("utf-8"))
    verbs = {"get", "post", "put", "delete"}
    for path in ("/content/rest/contents", MAILINGS, MESSAGES):
        expected = {
            verb
            for verb in verbs
            if caller.call(verb.upper(), f"{path}?action=read&id=1").status != 405
        }
        for described in (path, f"{path}.{{format}}"):
            assert document["paths"][described].keys() & verbs == expected


def test_each_attribute_that_is_shown_is_described(caller):
    schemas = yaml.safe_load(PLACE.read_text("utf-8"))["components"]["schemas"]
    content = caller.upload().rows[0]
    mailing = caller.send("POST", MAILINGS, a_mailing()).rows[0]
    (message,) = caller.get(MESSAGES, {"mailingId": mailing["id"]}).rows
    shown = {"Content": content, "Mailing": mailing, "Message": message}
    for name, row in shown.items():
        assert list(schemas[name]["properties"]) == list(row)


def test_the_examples_are_calls_that_work(caller):
    document = yaml.safe_load(PLACE.read_text("utf-8"))
    body = document["paths"][MAILINGS]["post"]["requestBody"]["content"]
    example = body["application/x-www-form-urlencoded"]["example"]
    assert caller.send("POST", MAILINGS, example).status == 201
