"""What has to be said in two places is the same in both."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import reactor_host
from reactor_host import limits

_ROOT = Path(__file__).parents[1]
_PROJECT = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_requirements_are_those_of_the_package() -> None:
    listed = re.search(r"^dependencies = \[(.*?)\]", _PROJECT, re.DOTALL | re.MULTILINE)
    assert listed is not None
    lines = (_ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    assert sorted(re.findall(r'"(.+?)"', listed[1])) == sorted(
        line for line in lines if not line.startswith("#")
    )


def test_lock_files_name_no_server() -> None:
    for lock in _ROOT.glob("*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8")


def test_version() -> None:
    assert f'\nversion = "{reactor_host.__version__}"\n' in _PROJECT


def test_what_an_installed_package_needs_is_there() -> None:
    # That the wheel itself works alone is shown in test/e2e/package.once.spec.ts.
    scripts = dict(re.findall(r'^([\w-]+) = "([\w.]+:\w+)"$', _PROJECT, re.MULTILINE))
    module, _, function = scripts["reactor-host-model"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    package = Path(reactor_host.__file__).parent
    # PEP 561: without the marker type checkers ignore the annotations of an installed package.
    assert (package / "py.typed").is_file()
    assert f'packages = ["{package.name}"]' in _PROJECT and package.parent == _ROOT


def test_limits_are_those_of_the_protocol() -> None:
    text = (_ROOT.parent / "protocol" / "limits.ts").read_text(encoding="utf-8")
    shared = {
        name: value.replace("_", "")
        for name, value in re.findall(r"export const (\w+) = ([\d_ *+]+);", text)
        if hasattr(limits, name)
    }
    assert set(shared) >= {
        "PROTOCOL_VERSION",
        "MAX_HEADER_BYTES",
        "MAX_PAYLOAD_BYTES",
        "MAX_SIDE_SAMPLES",
        "MAX_TRACKS",
    }
    for name, value in shared.items():
        product = 1
        for factor in value.split("*"):
            product *= int(factor)
        assert getattr(limits, name) == product, name


def test_the_public_names_are_there() -> None:
    assert all(hasattr(reactor_host, name) for name in reactor_host.__all__)
