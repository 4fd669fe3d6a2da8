"""The workflows, that of docs/ci.md too: each action is pinned to a commit, and only jobs that publish may write."""

import re

import pytest

from bridge.browsers.find import VARIABLES
from support import ROOT

DOCUMENTED = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text("utf-8"), re.DOTALL)
assert DOCUMENTED
WORKFLOWS = {path.name: path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").iterdir()}
WORKFLOWS["docs/ci.md"] = DOCUMENTED[1]
PINNED = re.compile(r"([\w-]+/[\w-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)")


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=WORKFLOWS)
def test_every_action_is_pinned_to_the_commit_of_a_version(text: str) -> None:
    used = re.findall(r"uses: +(.+)", text)
    assert used and [line for line in used if not PINNED.fullmatch(line)] == []


def test_an_action_has_one_version() -> None:
    pins = {PINNED.fullmatch(line) for text in WORKFLOWS.values() for line in re.findall(r"uses: +(.+)", text)}
    versions = {pin.groups() for pin in pins if pin}
    assert len(versions) == len({action for action, _ in versions})


PUBLISHING = {"docs.yml": ["pages: write", "id-token: write"], "release.yml": ["id-token: write"]}
"""What the job `publish` of a workflow may do, instead of reading the repository."""


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_and_publish(name: str) -> None:
    text = WORKFLOWS[name]
    assert re.findall(r"^permissions:\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL) == ["  contents: read"]
    assert text.count("permissions:") == (2 if name in PUBLISHING else 1)
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")


@pytest.mark.parametrize("name", PUBLISHING)
def test_the_job_that_publishes_runs_no_code_of_the_repository(name: str) -> None:
    job = re.search(r"^  publish:\n(.*)", WORKFLOWS[name], re.MULTILINE | re.DOTALL)
    assert job
    granted = re.findall(r"^      ([\w-]+: write)\b", job[1], re.MULTILINE)
    assert granted == PUBLISHING[name]
    assert "run:" not in job[1] and "actions/checkout" not in job[1]


def test_the_documents_name_the_variables_that_choose_browsers() -> None:
    for name in ("docs/ci.md", "docs/guide.md", "CONTRIBUTING.md", ".github/workflows/ci.yml"):
        text = (ROOT / name).read_text("utf-8")
        assert not [variable for variable in VARIABLES.values() if variable not in text], name
