"""Statistics of what was measured: plain numbers, the unit does not matter."""

from collections.abc import Sequence
from statistics import median

__all__ = ["median", "percentile", "spread"]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which `percent` percent of the values lie; between two of them, a mixture."""
    if not values:
        raise ValueError("No values")
    ordered = sorted(values)
    position = (len(ordered) - 1) * percent / 100
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def spread(values: Sequence[float]) -> float:
    """Return how far the middle half of the values reaches, as a part of their median: 0 when all are equal."""
    middle = median(values)
    return (percentile(values, 75) - percentile(values, 25)) / middle if middle else 0.0
