"""The Dockerfile and the job for GitLab, beside docs/ci.md: well-formed, and for the Playwright that it pins."""

import re

import pytest

from support import ROOT

CI = ROOT / "docs" / "ci"
PINNED = re.search(r"^playwright==(.+)$", (ROOT / "docs" / "ci.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", ["Dockerfile", "gitlab.yml"])
def test_the_image_has_the_browsers_of_the_pinned_playwright(name: str) -> None:
    assert PINNED
    images = re.findall(r"mcr\.microsoft\.com/playwright/python:v(\S+)-noble", (CI / name).read_text("utf-8"))
    assert images == [PINNED[1]]


def test_the_dockerfile_has_only_instructions() -> None:
    lines = (CI / "Dockerfile").read_text("utf-8").splitlines()
    instructions = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert instructions == ["FROM", "WORKDIR", "COPY", "RUN", "COPY", "USER", "ENTRYPOINT", "CMD"]


def test_the_job_for_gitlab_runs_each_browser() -> None:
    yaml = pytest.importorskip("yaml", reason="without the extra `docs`, nothing here reads YAML")
    job = yaml.safe_load((CI / "gitlab.yml").read_text("utf-8"))["extension"]
    assert job["parallel"]["matrix"] == [{"BROWSER": ["chromium", "firefox"]}]
    assert '--browser "$BROWSER"' in job["script"][-1]
    assert job["artifacts"]["paths"] == ["test-results"]
