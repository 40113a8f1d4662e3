"""Reading JSON as the vendor's own document prints it."""

from __future__ import annotations

import contextlib
import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceprep.client.tolerant import read_json, text, whole
from voiceprep.errors import ContractError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def with_commas(value):
    """Print a value with a comma before each closing bracket, where allowed."""
    if isinstance(value, list) and value:
        return "[" + "".join(with_commas(one) + " ,\n" for one in value) + "]"
    if isinstance(value, dict) and value:
        pairs = (f"{json.dumps(k)}:{with_commas(v)}, " for k, v in value.items())
        return "{" + "".join(pairs) + "}"
    return json.dumps(value)


@given(VALUES)
def test_strict_json_is_read_as_the_standard_library_reads_it(value):
    assert read_json(json.dumps(value).encode()) == value


@given(VALUES)
def test_trailing_commas_change_nothing(value):
    assert read_json(with_commas(value).encode()) == value


@given(st.binary() | st.text(alphabet='[]{},":\\ 1a').map(str.encode))
@settings(max_examples=300)
def test_any_other_bytes_are_a_value_error_at_most(body):
    with contextlib.suppress(ValueError):
        read_json(body)


def test_a_comma_inside_a_string_is_kept():
    assert read_json(b'{"a": ",}", "b": "\\",]",}') == {"a": ",}", "b": '",]'}


def test_a_trailing_comma_is_warned_of_and_strict_json_is_not(caplog):
    caplog.set_level(logging.WARNING)
    read_json(b"[1]")
    assert not caplog.records
    read_json(b"[1,]")
    assert "comma" in caplog.text


def test_a_byte_order_mark_is_read_over():
    assert read_json(b"\xef\xbb\xbf[1,]") == [1]


@pytest.mark.parametrize("body", [b"[" * 200_000, b'"' + b'\\"' * 500_000])
def test_hostile_json_ends_quickly_in_a_value_error(body):
    with pytest.raises(ValueError):  # noqa: PT011 - which one is json's business
        read_json(body)


@pytest.mark.parametrize(
    ("value", "number"),
    [("131821", 131821), (15, 15), ("15.9", 15), (15.9, 15), (None, None), ("", None)],
)
def test_r30_numbers_are_read_as_numbers_and_as_strings(value, number):
    assert whole(value, "filesize") == number


@pytest.mark.parametrize("value", ["x", True, [], {}, "nan", "inf", float("inf")])
def test_what_is_no_number_breaks_the_contract(value):
    with pytest.raises(ContractError, match="filesize"):
        whole(value, "filesize")


def test_what_is_no_text_breaks_the_contract():
    assert text("é", "name") == "é"
    with pytest.raises(ContractError, match="name"):
        text(["a"], "name")
