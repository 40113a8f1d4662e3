"""One call as a person spells it: where it goes, and how careful it must be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from voiceprep import contract
from voiceprep.client.verdict import NOT_MODIFIED, fields_of
from voiceprep.client.wire import MAILING, ONCE, SAFE, Request
from voiceprep.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voiceprep.client.wire import Answer

__all__ = ["action_of", "raw_request", "read_raw", "resource_of"]

PATH: Final = re.compile(r"/?(\w+(?:/[\w-]+)*(?:\.\w+)?/?)(?:\?.*)?", re.ASCII)
IN_BODY: Final = frozenset({"POST", "PUT"})
# By what the call does (R8); whatever creates is never repeated in doubt.
POLICIES: Final = {"read": SAFE, "update": ONCE, "delete": ONCE}


def raw_request(
    method: str,
    path: str,
    params: Iterable[tuple[str, str]],
    content_url: str,
    api_url: str,
) -> Request:
    """Return the request that a method, a path and parameters mean.

    Raises
    ------
    RefusedError
        For another method, or a path that is none below the services' bases.

    >>> raw_request("get", "contents.xml", [("limit", "1")], "C/", "A/").place
    'GET C/contents.xml'
    """
    verb, found = method.upper(), PATH.fullmatch(path)
    if verb not in contract.ACTION_OF_VERB:
        known = ", ".join(contract.ACTION_OF_VERB)
        raise RefusedError(f"not sent: {method!r} is none of {known} (R8)")
    if found is None:
        raise RefusedError(
            f"not sent: {path!r} is no resource's path, such as contents or "
            "mailings.xml; the token goes nowhere else"
        )
    resource, given = found[1], _given(path, params)
    base = content_url if resource_of(path) == contract.CONTENTS else api_url
    query, form = _placed(verb, given)
    return Request(
        verb,
        base + resource,
        query=query,
        form=form,
        policy=POLICIES.get(action_of(verb, "", given), MAILING),
        accept="*/*" if "." in resource else contract.JSON_TYPE,  # R23
    )


def resource_of(path: str) -> str:
    """Return the resource that a path names.

    >>> resource_of("/mailings.xml?limit=1"), resource_of("mailings/7")
    ('mailings', 'mailings')
    """
    return re.split(r"[./?]", path.lstrip("/"))[0]


def action_of(method: str, path: str, params: Iterable[tuple[str, str]]) -> str:
    """Return what a call does (R8): ``action`` overrides the verb.

    >>> action_of("POST", "contents?action=read", [("limit", "1")])
    'read'
    """
    said = dict(_given(path, params)).get("action")
    return said or contract.ACTION_OF_VERB.get(method.upper(), method)


def read_raw(answer: Answer) -> Answer:
    """Pass an answer on if the platform may have given it.

    Raises
    ------
    ContractError
        For a web page, and where JSON was asked for and none came.
    """
    kind = answer.headers.get("content-type", "").lower()
    other_format = re.search(r"\.(xml|csv|js)/?$", answer.place) is not None  # R23
    empty = answer.status in {204, NOT_MODIFIED}
    if kind.startswith("text/html") or not (other_format or empty):
        fields_of(answer)
    return answer


def _given(path: str, params: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters that stand in the path, and those beside it."""
    return [*parse_qsl(path.partition("?")[2], keep_blank_values=True), *params]


def _placed(
    verb: str, params: Sequence[tuple[str, str]]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return what goes into the address and what into the body."""
    if verb not in IN_BODY:
        return tuple(params), ()
    query = tuple(pair for pair in params if pair[0] == "action")  # R8: the URL wins
    return query, tuple(pair for pair in params if pair[0] != "action")
