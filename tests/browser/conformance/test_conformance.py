"""What Python sees is what JavaScript sees in the same browser without the bridge."""

import asyncio
from typing import Any

import pytest
from browser.conformance.case import WORLDS, Case, Observed, all_cases, play
from browser.conformance.stage import Stage

CASES = all_cases()
RUNS = [(case, python) for case in CASES for python in case.plays]


def run_id(case: Case, python: str | None) -> str:
    return f"{case.id}-{f'python-plays-the-{python}' if python else 'only-javascript'}"


@pytest.mark.parametrize(("case", "python"), [pytest.param(*run, id=run_id(*run)) for run in RUNS])
@pytest.mark.parametrize("world", WORLDS, indirect=True, scope="module")
async def test_case(
    case: Case, python: str | None, world: str, references: Any, bridged: Stage, recorded: Stage
) -> None:
    async with asyncio.TaskGroup() as group:
        without = group.create_task(references.of(case))
        # Where only scripts play, what they do is recorded: the agent then touches all that it ever does.
        with_it = group.create_task(play(case, bridged if python else recorded, python))
    reference, observed = without.result(), with_it.result()
    assert any(reference.exact.values()), "the reference saw nothing: the case shows nothing"
    if python is None:
        compare(reference.exact, observed.exact)
        return
    expected = reference.common
    if difference := case.difference(world.partition("-")[0], python):
        assert observed.common != reference.common, f"no difference any more: {difference.why}"
        expected = difference.expected(reference.common)
    compare(expected, observed.common)


def compare(reference: Observed, observed: Observed) -> None:
    if reference != observed:
        pytest.fail(f"Without the bridge:\n{shown(reference)}\nWith it:\n{shown(observed)}", pytrace=False)


def shown(observed: Observed) -> str:
    return "\n".join(f"  {name}:\n" + "\n".join(f"    {line}" for line in lines) for name, lines in observed.items())
