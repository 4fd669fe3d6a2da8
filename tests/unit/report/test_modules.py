"""Joining modules: what comes out is what the modules were, and no form is taken that is not known."""

import shutil
import subprocess

import pytest

from bridge.report.modules import join_modules
from support import NODE_REQUIRED


def join(entry: str, **modules: str) -> str:
    return join_modules(entry, modules.__getitem__)


def run(script: str) -> str:
    if not (node := shutil.which("node")):
        assert not NODE_REQUIRED, "node is missing"
        pytest.skip("node is missing")
    command = [node, "--input-type=module", "-"]
    return subprocess.run(command, input=script, capture_output=True, text=True, check=True).stdout


def test_modules_do_together_what_they_did_apart() -> None:
    script = join(
        "main",
        main='import { double } from "./sums.js";\nimport {\n  NAME,\n  Box,\n} from "./names.js";\n'
        "console.log(NAME, double(4), new Box().kind);\n",
        sums='import { TWO } from "./names.js";\n// hidden in its own module\nconst NAME = 1;\n'
        "export const double = (x) => x * TWO;\n",
        names='export const NAME = "all";\nexport const TWO = 2;\nexport class Box {\n  kind = "box";\n}\n',
    )
    assert run(script) == "all 8 box\n"


def test_a_module_that_two_import_runs_once() -> None:
    script = join(
        "main",
        main='import { a } from "./a.js";\nimport { b } from "./b.js";\nconsole.log(a === b);\n',
        a='import { thing } from "./thing.js";\nexport const a = thing;\n',
        b='import { thing } from "./thing.js";\nexport const b = thing;\n',
        thing='console.log("once");\nexport const thing = {};\n',
    )
    assert run(script) == "once\ntrue\n"


@pytest.mark.parametrize(
    "line",
    [
        'import sums from "./sums.js";',
        'import * as sums from "./sums.js";',
        'import { a as b } from "./sums.js";',
        'import { a } from "../sums.js";',
        'import "./sums.js";',
        "export default 1;",
        "export { a };",
        'export * from "./sums.js";',
        "export const { a, b } = c;",
    ],
)
def test_a_form_that_is_not_known_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="not known"):
        join("main", main=f"const c = 1;\n{line}\n", sums="export const a = 1;\n")


def test_modules_in_a_circle_are_an_error() -> None:
    with pytest.raises(ValueError, match="a -> b -> a"):
        join(
            "a",
            a='import { b } from "./b.js";\nexport const a = 1;',
            b='import { a } from "./a.js";\nexport const b = 1;',
        )


@pytest.mark.parametrize("text", ["</script>", "</SCRIPT", "<!--", "<script>"])
def test_what_would_end_the_element_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="end a script element"):
        join("main", main=f'console.log("{text}");')
