"""Draws a curve: what it costs at each point, in multiples of what the bridge takes at the first one."""

from pathlib import Path

import matplotlib as mpl

from .curve import Curve, Points, in_units

__all__ = ["draw"]

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "portbridge"  # the same drawing makes the same file
_COLORS = {"chromium": "#1a73e8", "firefox": "#e66000"}
_LINEAR = 10  # times the first point, up to which axes are linear
_DASHES = ("-", "--")


def draw(curve: Curve, browsers: dict[str, dict[str, Points]], folder: Path) -> Path:
    """Write the picture of one curve into `folder`, and return its path."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for browser, lines in browsers.items():
        for (name, values), dash in zip(in_units(curve, lines).items(), _DASHES, strict=False):
            axes.plot(
                list(values),
                list(values.values()),
                dash,
                color=_COLORS[browser],
                marker="o",
                markersize=4,
                label=f"{browser.capitalize()}, {name}",
            )
    if curve.points[-1] > _LINEAR * curve.points[0]:
        axes.set_xscale("log")
        axes.set_yscale("log")
    axes.set_xticks(curve.points, [_short(point) for point in curve.points], fontsize=8)
    axes.minorticks_off()
    axes.set_title(curve.title, fontsize=11)
    axes.set_xlabel(curve.x)
    axes.set_ylabel(f"{curve.y}, bridge at {_short(curve.points[0])} = 1")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=9)
    path = folder / f"{curve.name}.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return path


def _short(number: int) -> str:
    for size, unit in ((2**20, "Mi"), (1_000, "k")):
        if number >= size and number % size == 0:
            return f"{number // size}{unit}"
    return str(number)
