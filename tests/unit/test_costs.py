"""The table of what the tests cost, in CONTRIBUTING.md: it is what was counted, and nothing else."""

from running.costs import costs, shown, table

WRITE = "scripts/test --measure tests/unit/test_costs.py"  # the numbers of what it does not run stay


def test_the_guide_shows_what_was_counted() -> None:
    found, counted = shown().splitlines(), table(costs()).splitlines()
    strange = [f"not counted: {row}" for row in found if row not in counted]
    missing = [f"missing: {row}" for row in counted if row not in found]
    assert found == counted, f"CONTRIBUTING.md; {WRITE} writes its table again:\n" + "\n".join(strange + missing)
