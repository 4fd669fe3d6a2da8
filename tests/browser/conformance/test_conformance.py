"""What Python sees is what JavaScript sees in the same browser without the bridge."""

import asyncio

import pytest
from browser.conformance.case import WORLDS, Case, Observation, Observed, all_cases, order, play
from browser.conformance.references import References
from browser.conformance.stage import Stage

CASES = sorted(all_cases(), key=order)
OTHER_WAYS = ("page-to-background", "to-page", "page-to-content", "other-extension")
VARIANTS = ("connects", "pairs", "receivers")
IDLE_S = 500  # Chromium takes 30 s to stop an idle worker, and six minutes where a message has no answer
LARGEST = ("60-mib", "65-mib")
RUNS = [(world, case) for world in WORLDS for case in CASES if world in case.worlds]


def marks(world: str, case: Case) -> list[pytest.MarkDecorator]:
    """All marks of a run."""
    return [*slow(world, case), *([pytest.mark.timeout(IDLE_S)] if world.endswith("-stops") else [])]


def slow(world: str, case: Case) -> list[pytest.MarkDecorator]:
    """Marks for what only the nightly run plays. Firefox takes three times as long as Chromium, so there it is more."""
    if world == "firefox-mv2":
        return [pytest.mark.slow("manifest v2")]
    if any(size in case.id for size in LARGEST):
        return [pytest.mark.slow("loads")]
    is_further = _is_further_in_firefox(case) if world == "firefox" else _is_further(case)
    return [pytest.mark.slow("arguments")] if is_further else []


def _is_further(case: Case) -> bool:
    is_variant = case.theme in VARIANTS and case.theme != "connects"
    return is_variant or (case.theme == "messages" and case.id.endswith(OTHER_WAYS))


def _is_further_in_firefox(case: Case) -> bool:
    match case.theme:
        case "messages":
            return not case.id.endswith("content-to-background")
        case "delivery":
            return case.id.endswith((*OTHER_WAYS, "background-to-content"))
        case "lifetimes":
            return case.id.endswith("of-the-receiver")
    return case.theme in (*VARIANTS, "senders")


@pytest.mark.parametrize(
    ("world", "case"),
    [pytest.param(world, case, id=f"{world}-{case.id}", marks=marks(world, case)) for world, case in RUNS],
    indirect=["world"],
    scope="module",
)
async def test_case(world: str, case: Case, references: References, bridged: Stage, recorded: Stage) -> None:
    async with asyncio.TaskGroup() as group:
        without = group.create_task(references.of(case))
        # Record the run in which only scripts play, so that the agent touches everything that it ever touches.
        in_javascript = group.create_task(play(case, recorded))
        in_python = group.create_task(play_in_python(case, bridged))

    def faults(reference: Observation) -> list[str]:
        assert any(reference.exact.values()), "nobody observed anything without the bridge: the case shows nothing"
        alone = in_javascript.result().exact
        found = [fault("only JavaScript plays", expected_of(case, world, None, reference.exact, alone), alone)]
        for python, observed in in_python.result().items():
            expected = expected_of(case, world, python, reference.common, observed.common)
            found.append(fault(f"Python plays the {python}", expected, observed.common))
        return [it for it in found if it]

    found = faults(without.result())
    if found and (of_this_release := await references.of_this_release(case)):
        found = faults(of_this_release)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


async def play_in_python(case: Case, stage: Stage) -> dict[str, Observation]:
    observed = {}
    for python in case.plays:
        if python:
            try:
                observed[python] = await play(case, stage, python)
            except Exception as error:
                error.add_note(f"Python played the {python}")
                raise
    return observed


def expected_of(case: Case, world: str, python: str | None, reference: Observed, observed: Observed) -> Observed:
    difference = case.difference(world.partition("-")[0], python)
    if not difference:
        return reference
    who = f"Python plays the {python}" if python else "only JavaScript plays"
    assert observed != reference, f"{who}: the difference is gone: {difference.why}"
    return difference.expected(reference)


def fault(who: str, reference: Observed, observed: Observed) -> str:
    same = reference == observed
    return "" if same else f"{who}. Without the bridge:\n{shown(reference)}\nWith it:\n{shown(observed)}"


def shown(observed: Observed) -> str:
    return "\n".join(f"  {name}:\n" + "\n".join(f"    {line}" for line in lines) for name, lines in observed.items())
