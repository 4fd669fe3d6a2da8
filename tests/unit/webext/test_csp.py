"""Which policies shut the agent out, and what becomes of them."""

import pytest

from bridge.webext.csp import allow_own_scripts


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("script-src 'none'", "script-src 'self'"),
        ("script-src", "script-src 'self'"),
        ("script-src 'NONE'; object-src 'none'", "script-src 'self'; object-src 'none'"),
        ("img-src *;  Script-Src https://a.org ; x", "img-src *;  Script-Src https://a.org 'self'; x"),
        ("default-src 'none'", "default-src 'none'; script-src 'self'"),
        ("default-src 'none'; img-src *", "default-src 'none'; script-src 'self'; img-src *"),
        (
            "default-src a.org 'wasm-unsafe-eval'",
            "default-src a.org 'wasm-unsafe-eval'; script-src a.org 'wasm-unsafe-eval' 'self'",
        ),
        ("default-src 'self'; script-src 'none'", "default-src 'self'; script-src 'self'"),
        ("script-src 'none'; script-src 'self'", "script-src 'self'; script-src 'self'"),
        ("script-src 'self'; script-src-elem 'none'", "script-src 'self'; script-src-elem 'self'"),
        (
            "default-src 'none'; script-src-elem 'none'",
            "default-src 'none'; script-src 'self'; script-src-elem 'self'",
        ),
        ("script-src https://self.org", "script-src https://self.org 'self'"),
    ],
)
def test_policies_that_shut_the_agent_out(policy: str, allowed: str) -> None:
    assert allow_own_scripts(policy) == allowed
    assert allow_own_scripts(allowed) == allowed


@pytest.mark.parametrize(
    "policy",
    [
        "",
        " ; ;",
        "object-src 'none'",
        "script-src 'self'",
        "script-src 'SELF' https://a.org;object-src 'none'",
        "default-src 'self'",
        "default-src 'none'; script-src  'self'",
        "script-src chrome-extension://abcdef/ https://a.org",
        "script-src moz-extension:",
        "script-src 'self'; script-src 'none'",
        "script-src 'self'\n; object-src 'none'",
    ],
)
def test_policies_that_stay(policy: str) -> None:
    assert allow_own_scripts(policy) == policy
