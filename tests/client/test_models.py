"""Reading what the platform stores."""

from __future__ import annotations

import dataclasses

import pytest

from voiceprep.client.models import parse_content
from voiceprep.errors import ContractError


def test_r30_a_content_is_read_field_by_field(say):
    content = parse_content(say.content())
    assert content.id == "7001"
    assert (content.filesize, content.duration_s) == (240044, 15)
    assert content.mime_type == "audio/wav"
    assert content.tags == ("mars",)
    assert content.url_encoded.endswith("relance.pcm")
    assert content.extra == {}


def test_a_content_is_frozen(say):
    content = parse_content(say.content())
    with pytest.raises(dataclasses.FrozenInstanceError):
        content.id = "other"


def test_unknown_fields_are_kept(say):
    assert parse_content(say.content(loudness=3)).extra == {"loudness": 3}


@pytest.mark.parametrize(
    ("said", "tags"),
    [(["a", "b"], ("a", "b")), ("a, b", ("a", "b")), (None, ()), ("", ()), ([7], "7")],
)
def test_r10_tags_are_read_in_every_form(say, said, tags):
    assert parse_content(say.content(tags=said)).tags == tuple(tags)


@pytest.mark.parametrize("name", ["id", "url_encoded"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_content_without_id_or_url_encoded_breaks_the_contract(say, name, value):
    with pytest.raises(ContractError, match=name):
        parse_content(say.content(**{name: value}))


@pytest.mark.parametrize(
    "fields",
    [
        {"url_encoded": "javascript:alert(1)"},
        {"url_encoded": "https://a.fr/x\nhttps://b.fr"},
        {"filesize": "big"},
        {"name": {"a": 1}},
        {"tags": 7},
    ],
)
def test_a_field_of_another_kind_breaks_the_contract(say, fields):
    with pytest.raises(ContractError):
        parse_content(say.content(**fields))
