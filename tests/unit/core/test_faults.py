"""What listeners raised is raised again, once, and never lost."""

import pytest

from bridge.core.faults import Faults
from bridge.errors import ChannelError

PORT, OTHER = object(), object()
ONE, TWO, THREE = ValueError("one"), KeyError("two"), pytest.fail.Exception("three")


@pytest.fixture
def faults() -> Faults:
    faults = Faults()
    for owner, error in ((OTHER, ONE), (PORT, TWO), (PORT, THREE)):
        faults.add(owner, error)
    return faults


def test_a_wait_raises_the_oldest_of_its_own_owner(faults: Faults) -> None:
    for error in (TWO, THREE):
        with pytest.raises(type(error)) as caught:
            faults.raise_for(PORT)
        assert caught.value is error
    faults.raise_for(PORT)
    assert faults
    with pytest.raises(ValueError, match="one"):
        faults.raise_for(OTHER)
    assert not faults


def test_owners_that_are_equal_are_not_the_same() -> None:
    faults = Faults()
    first, second = [0], [0]
    faults.add(first, ONE)
    faults.raise_for(second)
    assert faults


def test_what_is_taken_is_not_raised_again(faults: Faults) -> None:
    faults.take(PORT, TWO)
    with pytest.raises(pytest.fail.Exception, match="three"):
        faults.raise_for(PORT)


def test_several_come_as_a_group(faults: Faults) -> None:
    with pytest.raises(BaseExceptionGroup) as caught:
        faults.raise_all()
    assert caught.value.exceptions == (ONE, TWO, THREE)
    faults.raise_all()


def test_several_exceptions_are_an_exception_group() -> None:
    faults = Faults()
    faults.add(PORT, ONE)
    faults.add(PORT, TWO)
    with pytest.raises(ExceptionGroup):
        faults.raise_all()


def test_a_single_one_comes_as_itself() -> None:
    faults = Faults()
    faults.add(PORT, ONE)
    with pytest.raises(ValueError) as caught:
        faults.raise_all()
    assert caught.value is ONE
    assert not faults


def test_an_error_on_its_way_is_not_hidden_but_noted(faults: Faults) -> None:
    error = AssertionError("the test's own")
    faults.add_notes(error)
    assert error.__notes__ == [
        "A listener of the bridge had raised ValueError: one",
        "A listener of the bridge had raised KeyError: 'two'",
        "A listener of the bridge had raised Failed: three",
    ]
    assert not faults


def test_an_error_is_not_noted_on_itself_and_one_of_the_bridge_not_as_a_listeners() -> None:
    faults = Faults()
    error = ChannelError("it broke")
    faults.add(PORT, error)
    faults.add_notes(error)
    assert not hasattr(error, "__notes__")
    faults.add(PORT, error)
    another = AssertionError("the test's own")
    faults.add_notes(another)
    assert another.__notes__ == ["The bridge had met ChannelError: it broke"]
