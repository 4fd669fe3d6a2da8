"""What changed between two runs."""

from typing import NamedTuple

from .result import Report, Result

__all__ = ["Change", "changes"]


class Change(NamedTuple):
    """One figure in two reports.

    Attributes:
        before: In the first report; None if it is not there.
        after: In the second.
        percent: How far the ratio moved; that of the value where there is no ratio.
        verdict: ``better`` or ``worse``, empty if it is within the noise of both runs.
    """

    name: str
    browser: str
    before: Result | None
    after: Result | None
    percent: float | None = None
    verdict: str = ""


def changes(before: Report, after: Report) -> list[Change]:
    """Return each figure of either report, in the order of the second, then those that only the first has."""
    first, second = ({_key(one): one for one in report.results} for report in (before, after))
    keys = [*second, *(key for key in first if key not in second)]
    return [_change(first.get(key), second.get(key)) for key in keys]


def _key(result: Result) -> tuple[str, str | None, str]:
    # Not its name: that has no formula if it is the figure's first, and another run may have had another first.
    return result.name.partition(" / ")[0], result.formula, result.browser


def _change(before: Result | None, after: Result | None) -> Change:
    one = after or before
    assert one
    name, browser = one.name, one.browser
    if not before or not after:
        return Change(name, browser, before, after)
    old, new = (one.value if one.ratio is None else one.ratio for one in (before, after))
    moved = (new - old) / old if old else 0.0
    noise = (before.spread or 0.0) + (after.spread or 0.0)
    if abs(moved) <= noise:
        return Change(name, browser, before, after, moved * 100)
    better = (moved > 0) is after.at_least
    return Change(name, browser, before, after, moved * 100, "better" if better else "worse")
