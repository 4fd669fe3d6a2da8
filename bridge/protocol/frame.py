"""What all frames are made of; `frames` has them."""

import msgspec

__all__ = ["Frame", "ScriptError"]


class ScriptError(msgspec.Struct, frozen=True, omit_defaults=True):
    """What JavaScript threw."""

    message: str
    name: str = "Error"


def _tag(name: str) -> str:
    return name[0].lower() + name[1:]


class Frame(msgspec.Struct, omit_defaults=True, tag_field="type", tag=_tag):
    """The base of all frames; the tag is the class's name in camelCase."""
