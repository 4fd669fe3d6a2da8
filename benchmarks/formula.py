"""What a figure is compared with, as it stands in the table: a sum such as ``W + 2P``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Formula"]

_TERM = re.compile(r"(\d*)\s*([A-Za-z].*)")


@dataclass(frozen=True)
class Formula:
    """A sum of yardsticks.

    Attributes:
        text: As it was written.
        terms: How often each yardstick counts.
    """

    text: str
    terms: tuple[tuple[int, str], ...]

    @classmethod
    def parse(cls, text: str) -> "Formula":
        """Read ``W + 2P``: names, each perhaps with a whole number before it, joined by plus signs.

        Raises:
            ValueError: It is no such sum.
        """
        return cls(text, tuple(_term(term.strip(), text) for term in text.split("+")))

    @property
    def names(self) -> tuple[str, ...]:
        """The yardsticks in it."""
        return tuple(name for _, name in self.terms)

    def value(self, values: Mapping[str, float]) -> float:
        """Return the sum, given the yardsticks' values."""
        return sum(count * values[name] for count, name in self.terms)


def _term(term: str, text: str) -> tuple[int, str]:
    match = _TERM.fullmatch(term)
    if not match:
        raise ValueError(f"{text!r} is no sum of yardsticks such as 'W + 2P'")
    return int(match[1] or 1), match[2]
