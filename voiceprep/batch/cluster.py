"""A Dask cluster as an executor, for when one machine is too small."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

__all__ = ["connected"]

DoneT = TypeVar("DoneT")
CONNECT_TIMEOUT_S: Final = 15


def connected(address: str | None) -> Executor:
    """Connect to a scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    SettingsError
        Without an address, library or cluster.
    """
    if address is None:
        raise SettingsError("--engine dask needs --dask-address tcp://HOST:PORT")
    try:
        import distributed as dask
    except ImportError as error:
        raise SettingsError(
            "--engine dask needs the extra: pip install 'voiceprep[dask]'"
        ) from error
    distributed: Any = dask  # its classes are typed by half
    try:
        client = distributed.Client(
            address, timeout=CONNECT_TIMEOUT_S, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"no Dask scheduler at {address}: {error}") from error
    client.register_plugin(_without_profiler(distributed))
    return _Cluster(client)


def _without_profiler(distributed: Any) -> Any:
    """Return what turns the workers' profiler off, now and on later ones."""

    class Quiet(distributed.WorkerPlugin):  # type: ignore[misc]
        name = "voiceprep-without-profiler"

        def setup(self, worker: Any) -> None:
            for name in ("profile", "profile-cycle"):
                if name in worker.periodic_callbacks:
                    worker.periodic_callbacks[name].stop()

    return Quiet()


class _Cluster(Executor):
    """Submit to a cluster, and hang up at the end."""

    def __init__(self, client: Any) -> None:
        self._client = client
        # pure=False: the same call twice is two calls, not one remembered answer.
        self._executor: Executor = client.get_executor(pure=False)

    def submit(
        self, fn: Callable[..., DoneT], /, *args: Any, **kwargs: Any
    ) -> Future[DoneT]:
        """Send a call to the cluster."""
        return self._executor.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Hang up; the cluster goes on without us."""
        # Dask's own knows no `cancel_futures`; it cancels where it does not wait.
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()
