"""The agent in front of a service worker: strict stays strict, and lines stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.webext.worker import instrument_worker

CLASSIC = b'globalThis.importScripts?.("/pb.js");'


def classic(source: bytes) -> bytes:
    return instrument_worker(source, "pb.js", module=False, replaced=False)


@pytest.mark.parametrize(
    "source",
    [
        b"'use strict';",
        b'"use strict"',
        b'"use strict"\nlet a;',
        b'"use strict"\r\n!function(){}();',
        b'"use strict"\n++a;',
        b'"use strict"\ninstance();',
        b'"use strict"\nindex;',
        b'"use strict" /* a\n */ let a;',
        b'"use strict" // why\nlet a;',
        b'"use strict"//',
        b"\n\t \v\f\xc2\xa0\xe2\x80\xa8'use strict' ;",
        b"// a\n/* b **/<!-- c\n'use strict';",
        b"//\n'use strict';",
        b"'use asm'; \"it's\\\"\";'use strict';",
        b"'other'\n'use strict'\n",
        b"// a\r'other' // b\r'use strict'\rlet a;",
        b"'one \\\nstring'; 'use strict';",
        b"#!/usr/bin/node\n'use strict';",
    ],
)
def test_a_strict_classic_worker_stays_strict(source: bytes) -> None:
    kept = b"//" + source[2:] if source.startswith(b"#!") else source
    assert classic(source) == b'"use strict";' + CLASSIC + kept


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"let a;",
        b"// 'use strict';",
        b"//'use strict';\nlet a;",
        b"/* a */ /* 'use strict'; */",
        b"<!-- 'use strict';",
        b"let a; 'use strict';",
        b"('use strict');",
        b"f('use strict');",
        b"'use  strict';",
        b"'use\\x20strict';",
        b"'use strict\";",
        b"`use strict`;",
        b"'use strict' + a;",
        b"'use strict'.length;",
        b"'use strict', f();",
        b"'use strict'\n.length;",
        b"'use strict'\n(function () {})();",
        b"'use strict'\n[0];",
        b"'use strict'\n+ a;",
        b"'use strict'\n!= a;",
        b"'use strict'\nin a;",
        b"'use strict'\ninstanceof a;",
        b"'use strict' // why\n/* there */ ? 1 : 2;",
        b"'a' + b; 'use strict';",
        b"'not closed\n;'use strict';",
        b"/* not closed 'use strict';",
        b"'use strict' let",
    ],
)
def test_a_sloppy_classic_worker_stays_sloppy(source: bytes) -> None:
    assert classic(source) == CLASSIC + source


def test_a_long_comment_takes_no_long_time() -> None:
    source = b"// ' /* \n" * 20_000 + b"/* * / */" * 20_000 + b"let a;"
    assert classic(source) == CLASSIC + source


@pytest.mark.parametrize("source", [b"import './a.js';\nf();", b"'use strict';", b""])
def test_a_module_worker_imports_the_agent_first(source: bytes) -> None:
    result = instrument_worker(source, "pb.js", module=True, replaced=False)
    assert result == b'import "/pb.js";' + source


@pytest.mark.parametrize(("module", "load"), [(True, b'import "/pb.js";'), (False, CLASSIC)])
def test_a_worker_loses_its_byte_order_mark_and_hashbang(module: bool, load: bytes) -> None:
    def in_front(source: bytes) -> bytes:
        return instrument_worker(source, "pb.js", module=module, replaced=False)

    assert in_front(b"\xef\xbb\xbff();") == load + b"f();"
    assert in_front(b"#!node\nf();") == load + b"//node\nf();"


@pytest.mark.parametrize(("module", "load"), [(True, b'import "/pb.js";'), (False, CLASSIC)])
def test_a_replaced_worker_is_the_agent_alone(module: bool, load: bytes) -> None:
    assert instrument_worker(b"'use strict';\nf();", "pb.js", module=module, replaced=True) == load


PIECES = st.sampled_from([b"'use strict'", b"\n", b"\r\n", b";", b"// a", b"/* b */", b" ", b"f()", b"'"])


@given(st.lists(PIECES, max_size=8).map(b"".join), st.booleans())
def test_lines_stay_and_the_source_ends_the_file(source: bytes, module: bool) -> None:
    result = instrument_worker(source, "pb.js", module=module, replaced=False)
    assert result.endswith(source)
    assert b"\n" not in result.removesuffix(source)
