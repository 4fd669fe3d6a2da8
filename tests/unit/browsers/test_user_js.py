"""The preferences file of a profile: the bridge's own is written anew, the caller's is left alone."""

from pathlib import Path

import pytest

from bridge.browsers.plan import File
from bridge.browsers.start import _write
from bridge.browsers.user_js import user_js
from bridge.errors import LaunchError

NEEDED = {"debugger": True, "port": 1}
PREFERENCES = {**NEEDED, "name": 'a "b"\n'}
LINES = 'user_pref("debugger", true);\nuser_pref("port", 1);\nuser_pref("name", "a \\"b\\"\\n");\n'


def test_a_new_profile_gets_all_preferences(tmp_path: Path) -> None:
    (file,) = user_js(tmp_path / "new", PREFERENCES, NEEDED)
    assert file.path == tmp_path / "new" / "user.js" and file.text.endswith(LINES)


def test_the_bridges_own_file_is_written_anew(tmp_path: Path) -> None:
    (first,) = user_js(tmp_path, {**PREFERENCES, "old": 1}, NEEDED)
    _write(first)
    (second,) = user_js(tmp_path, PREFERENCES, NEEDED)
    assert "old" not in second.text and second.text.endswith(LINES)


def test_the_callers_file_is_left_alone(tmp_path: Path) -> None:
    own = "// mine\n  user_pref( 'debugger' , true );\nuser_pref(\"port\", 1);\nuser_pref('mine', 2);\n"
    _write(File(tmp_path / "user.js", own))
    assert user_js(tmp_path, PREFERENCES, NEEDED) == ()
    assert (tmp_path / "user.js").read_text("utf-8") == own


@pytest.mark.parametrize("line", ['user_pref("port", 2);', '// user_pref("port", 1);', 'user_pref("a.port", 1);', ""])
def test_the_callers_file_must_not_lack_what_is_needed(tmp_path: Path, line: str) -> None:
    _write(File(tmp_path / "user.js", f'user_pref("debugger", true);\n{line}\n'))
    with pytest.raises(LaunchError) as caught:
        user_js(tmp_path, PREFERENCES, NEEDED)
    assert str(caught.value) == (
        f"{tmp_path / 'user.js'} is your own, so the bridge does not write to it, but it lacks preferences that the "
        'bridge needs. Add to it:\nuser_pref("port", 1);\n'
    )
