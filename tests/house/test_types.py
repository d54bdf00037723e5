"""Types are checked wherever the clinic acts, or says what may not be: `make check` runs mypy on these files."""

import ast
import tomllib

import pytest

from tests.house.test_import_order import MODULES, ROOT

CHECKED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["files"]


def acts_or_checks(module: str) -> bool:
    functions = [node for node in ast.parse(MODULES[module].read_text()).body if isinstance(node, ast.FunctionDef)]
    return any(
        function.name.startswith("check_") or "action" in map(ast.unparse, function.decorator_list)
        for function in functions
    )


@pytest.mark.parametrize("module", [name for name in MODULES if acts_or_checks(name)])
def test_module_that_acts_or_checks_is_typed(module):
    path = MODULES[module].relative_to(ROOT)

    assert any(path.match(file) or path.is_relative_to(file) for file in CHECKED)


@pytest.mark.parametrize("file", CHECKED)
def test_file_that_is_to_be_checked_is_there(file):
    assert list(ROOT.glob(file))


@pytest.mark.parametrize("module", [name for name in MODULES if acts_or_checks(name)])
def test_what_acts_or_checks_says_its_types(module):
    """mypy looks into a function without them, but takes whatever comes in and goes out."""
    bare = [
        function.name
        for function in ast.parse(MODULES[module].read_text()).body
        if isinstance(function, ast.FunctionDef)
        and (function.name.startswith("check_") or "action" in map(ast.unparse, function.decorator_list))
        and function.returns is None
    ]

    assert bare == []
