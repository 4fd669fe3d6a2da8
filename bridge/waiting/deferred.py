"""Keeps exceptions from the user's listeners and from the bridge itself until a wait can raise them."""

from collections.abc import Callable

from ..errors import BridgeError

__all__ = ["DeferredErrors", "note"]


class DeferredErrors:
    """The exceptions that nobody has seen yet. One for each launch."""

    def __init__(self) -> None:
        self._kept: list[tuple[object, BaseException]] = []
        self._tell: Callable[[BaseException], None] | None = None

    def add(self, owner: object, error: BaseException) -> None:
        """Keep `error` for `owner`: the port, context or relay whose listener raised it, or that it happened to.

        None as the owner means the whole launch: the next wait, whichever that is, raises the error.
        """
        if owner is None and self._tell:
            self._tell(error)
        else:
            self._kept.append((owner, error))

    def tell(self, tell: Callable[[BaseException], None]) -> None:
        """Give `tell` the exceptions for the whole launch, where nobody waits who could raise them."""
        self._tell = tell
        for _, error in [entry for entry in self._kept if entry[0] is None]:
            self.take(None, error)
            tell(error)

    def raise_for(self, owner: object) -> None:
        """Raise and forget the oldest exception kept for `owner` or for the whole launch, if there is one."""
        for entry in self._kept:
            if entry[0] is owner or entry[0] is None:
                self._kept.remove(entry)
                raise entry[1]

    def take(self, owner: object, error: BaseException) -> None:
        """Forget `error`, because the caller raises it."""
        self._kept.remove((owner, error))

    def raise_all(self) -> None:
        """Raise all that are left: a single exception as it is, several as an exception group."""
        errors = [error for _, error in self._kept]
        self._kept.clear()
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise BaseExceptionGroup("Several listeners raised", errors)

    def add_notes(self, error: BaseException) -> None:
        """Add all that are left as notes to `error`, which is being raised already and must not be hidden."""
        for _, fault in self._kept:
            if fault is not error:
                error.add_note(note(fault))
        self._kept.clear()

    def __bool__(self) -> bool:
        return bool(self._kept)


def note(fault: BaseException) -> str:
    """Return `fault` as a note for an error that came after it."""
    what = "Before that, the bridge met" if isinstance(fault, BridgeError) else "Before that, a listener raised"
    return f"{what} {type(fault).__name__}: {fault}"
