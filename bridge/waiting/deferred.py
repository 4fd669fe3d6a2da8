"""Exceptions of the user's listeners and of the bridge itself, kept until some wait can raise them."""

from ..errors import BridgeError

__all__ = ["DeferredErrors", "note"]


class DeferredErrors:
    """What listeners raised, or the bridge met, and nobody has seen yet. One for each launch."""

    def __init__(self) -> None:
        self._kept: list[tuple[object, BaseException]] = []

    def add(self, owner: object, error: BaseException) -> None:
        """Keep `error`, which a listener on `owner` raised, or which befell it: a port, a context or the relay.

        An owner of None stands for the whole launch: whichever wait comes next raises it.
        """
        self._kept.append((owner, error))

    def raise_for(self, owner: object) -> None:
        """Raise, and forget, the oldest exception of a listener on `owner` or of the whole launch, if there is one."""
        for entry in self._kept:
            if entry[0] is owner or entry[0] is None:
                self._kept.remove(entry)
                raise entry[1]

    def take(self, owner: object, error: BaseException) -> None:
        """Forget `error`: it is being raised."""
        self._kept.remove((owner, error))

    def raise_all(self) -> None:
        """Raise what is left: the exception itself, or a group when there are several."""
        errors = [error for _, error in self._kept]
        self._kept.clear()
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise BaseExceptionGroup("Several listeners raised", errors)

    def add_notes(self, error: BaseException) -> None:
        """Note what is left on `error`, which is on its way already and must not be hidden."""
        for _, fault in self._kept:
            if fault is not error:
                error.add_note(note(fault))
        self._kept.clear()

    def __bool__(self) -> bool:
        return bool(self._kept)


def note(fault: BaseException) -> str:
    """Return what to note of `fault` on an error that comes after it."""
    what = "The bridge had met" if isinstance(fault, BridgeError) else "A listener of the bridge had raised"
    return f"{what} {type(fault).__name__}: {fault}"
