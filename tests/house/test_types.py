"""Types are checked wherever the clinic acts, or says what may not be: `make check` runs mypy on these files."""

import ast
import tomllib

import pytest

from tests.house.test_import_order import MODULES, ROOT

CHECKED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["files"]


def acting_or_checking(module: str) -> list[ast.FunctionDef]:
    functions = [node for node in ast.parse(MODULES[module].read_text()).body if isinstance(node, ast.FunctionDef)]
    return [
        function
        for function in functions
        if function.name.startswith("check_") or "action" in map(ast.unparse, function.decorator_list)
    ]


FOUND = [name for name in MODULES if acting_or_checking(name)]


@pytest.mark.parametrize("module", FOUND)
def test_module_that_acts_or_checks_is_typed(module):
    path = MODULES[module].relative_to(ROOT)

    assert any(path.is_relative_to(file) for file in CHECKED)


@pytest.mark.parametrize("file", CHECKED)
def test_file_that_is_to_be_checked_is_there(file):
    assert (ROOT / file).exists()


@pytest.mark.parametrize("module", FOUND)
def test_what_acts_or_checks_says_what_it_gives(module):
    """mypy takes whatever goes out of a function that does not say it."""
    assert [function.name for function in acting_or_checking(module) if function.returns is None] == []
