"""Runs the curves for the command line."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from .curve import Curve, in_units
from .curves import CURVES
from .picture import draw
from .run import Found, measure

__all__ = ["run"]


def run(only: str, browsers: Sequence[str], rounds: int, target: Path | None, pictures: Path) -> None:
    """Measure the curves whose names contain `only`, draw them into `pictures`, and print their figures."""
    chosen = [curve for curve in CURVES if only in curve.name]
    if not chosen:
        raise click.BadParameter(f"no curve's name contains {only!r}", param_hint="--only")
    found = asyncio.run(measure(chosen, browsers, rounds, lambda text: click.echo(text, err=True)))
    if target:
        target.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    pictures.mkdir(parents=True, exist_ok=True)
    for curve in chosen:
        click.echo(f"\n{curve.title} ({draw(curve, found[curve.name], pictures)})")
        _print(curve, found)
    if any(points.refused for lines in found.values() for line in lines.values() for points in line.values()):
        raise click.ClickException("not every point could be measured: see above")


def _print(curve: Curve, found: Found) -> None:
    for browser, lines in found[curve.name].items():
        values = in_units(curve, lines)
        for name, points in lines.items():
            shown = "  ".join(f"{point}: {value:.3g}" for point, value in values.get(name, {}).items())
            click.echo(f"  {browser}, {name}: {shown}")
            for point, reason in points.refused.items():
                click.echo(f"    {point}: not measured: {reason}")
