"""Statistics: what mailings came to, one by one and as a campaign (R35, R42)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep import contract
from voiceprep.client.stats import Stats
from voiceprep.errors import ContractError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.client.mailings import Mailings
    from voiceprep.client.models import Mailing
    from voiceprep.client.resource import Filter

__all__ = ["Statistics"]

PROPERTIES: Final = (contract.DEFAULT_PROPERTIES, "stats")  # R17


class Statistics:
    """Read the statistics of mailings, by id or by name.

    Parameters
    ----------
    mailings : Mailings
    """

    def __init__(self, mailings: Mailings) -> None:
        self._mailings = mailings

    def read(
        self,
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        name: str | None = None,
    ) -> Iterator[Mailing]:
        """Yield each mailing with its `stats`, once.

        Parameters
        ----------
        id : str or sequence of str, optional
        name : str, optional
            Of the campaign: exactly this name (R20), whatever the platform's
            filter lets through.

        Raises
        ------
        RefusedError
            Without id and name. Nothing is sent then.
        ContractError
            If a mailing comes without its stats.
        AuthError, UnavailableError
        """
        if id is None and name is None:
            raise RefusedError("statistics are read by id or by name (R42)")
        return self._each(id, name)

    def total(
        self,
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        name: str | None = None,
    ) -> Stats:
        """Return the statistics of all these mailings, added up (R35).

        Takes and raises what `read` does.
        """
        found = self.read(id=id, name=name)
        return sum((one.stats for one in found if one.stats), Stats())

    def _each(self, ids: Filter, name: str | None) -> Iterator[Mailing]:
        seen: set[str] = set()  # a mailing created meanwhile shifts the pages
        found = self._mailings.read(id=ids, name=name, properties=PROPERTIES)
        for mailing in found:
            if mailing.id in seen or name not in {None, mailing.name}:
                continue
            if mailing.stats is None:
                raise ContractError(f"mailing {mailing.id} came without stats (R42)")
            seen.add(mailing.id)
            yield mailing
