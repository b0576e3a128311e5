"""What is installed where: the package's dependencies, the Space's, and CI's down to the last one."""

import importlib.metadata
import re
import tomllib

import pytest
from huggingface_hub import SpaceCard
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.project import PROJECT

# https://huggingface.co/docs/hub/spaces-zerogpu, in September 2026
ZEROGPU_PYTHON = ("3.10.13", "3.12.12")
ZEROGPU_TORCH = ("2.8.0", "2.9.1", "2.10.0", "2.11.0", "2.12.1", "2.13.0")


def read_requirements(name: str) -> list[Requirement]:
    lines = (PROJECT / name).read_text().splitlines()
    found = [Requirement(line) for line in lines if line[:1].isalpha()]
    included = [line.removeprefix("-r ") for line in lines if line.startswith("-r ")]
    return [*found, *(each for other in included for each in read_requirements(other))]


def pinned(name: str) -> dict[str, str]:
    """Versions by package; every line has to pin one."""
    found = {}
    for requirement in read_requirements(name):
        (each,) = requirement.specifier
        assert each.operator == "=="
        found[canonicalize_name(requirement.name)] = each.version
    return found


def installed_with(name: str) -> set[str]:
    """The packages here that those of a file of requirements bring along, and these themselves."""
    found, waiting = set(), read_requirements(name)
    while waiting:
        requirement = waiting.pop()
        extras = ["", *requirement.extras]
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        key = (canonicalize_name(requirement.name), tuple(sorted(requirement.extras)))
        if key in found:
            continue
        found.add(key)
        for text in importlib.metadata.requires(requirement.name) or []:
            needed = Requirement(text)
            if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                needed.marker = None
                waiting.append(needed)
    return {name for name, _ in found}


def project() -> dict:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]


def test_the_lock_names_every_package_that_ci_installs():
    locked = {canonicalize_name(requirement.name) for requirement in read_requirements("requirements.lock")}
    needed = installed_with("requirements-dev.txt")
    assert {"torch", "gradio", "hatchling", "starlette", "sympy"} <= needed
    assert needed <= locked


def test_the_lock_has_the_versions_that_the_requirements_pin():
    locked = [(canonicalize_name(each.name), str(each.specifier)) for each in read_requirements("requirements.lock")]
    for name, version in pinned("requirements-dev.txt").items():
        assert [specifier for other, specifier in locked if other == name] == [f"=={version}"]


def test_the_lock_says_how_it_was_made_and_ci_uses_it():
    head = (PROJECT / "requirements.lock").read_text().splitlines()[1]
    assert re.fullmatch(r"# +uv pip compile --universal --python-version 3\.11 requirements-dev\.txt -o \S+", head)
    assert "-r requirements-dev.txt -c requirements.lock" in (PROJECT / ".ci/run").read_text()


def test_what_is_pinned_is_what_the_package_and_its_extras_ask_for():
    pins = pinned("requirements-dev.txt")
    asked = [
        *project()["dependencies"],
        *(each for some in project()["optional-dependencies"].values() for each in some),
    ]
    for requirement in map(Requirement, asked):
        if requirement.name != "srcnn":
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_the_space_runs_on_free_cpu_and_on_zerogpu():
    space = SpaceCard.load(PROJECT / "README.md").data
    pins = pinned("requirements.txt")
    assert space["python_version"] in ZEROGPU_PYTHON
    assert pins["torch"] in ZEROGPU_TORCH
    assert Requirement(f"python{project()['requires-python']}").specifier.contains(space["python_version"])
    assert space["sdk_version"] == pins["gradio"]
    assert Version(space["sdk_version"]) >= Version("4")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements.lock", "pyproject.toml"])
def test_no_file_names_a_registry_or_a_place_on_a_disk(name):
    text = (PROJECT / name).read_text()
    assert not re.search(r"index-url|find-links|file:|@ |\+cpu", text)
