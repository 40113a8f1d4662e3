"""The resources that there are; each is a table of attributes in its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep.sandbox import contents, mailings, messages

if TYPE_CHECKING:
    from voiceprep.sandbox.machine import Resource

__all__ = ["RESOURCES"]

RESOURCES: Final[dict[str, Resource]] = {
    resource.name: resource
    for resource in (contents.RESOURCE, mailings.RESOURCE, messages.RESOURCE)
}
