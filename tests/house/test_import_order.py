"""Nobody imports upward, between the apps or inside one (docs/architecture.md)."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# The lowest floor first. What stands in vetclinic and is not named here is plumbing.
FLOORS = ("vetclinic", "clinic", "records", "billing", "composition root")
COMPOSITION_ROOT = ("vetclinic.urls", "vetclinic.home", "vetclinic.demo")
# Inside an app, first to last; files of other names stand where their imports put them.
PLACES = {
    "enums": 0,
    "models": 1,
    "rules": 2,
    "actions": 3,
    "forms": 4,
    "filters": 4,
    "views": 5,
    "admin": 5,
    "urls": 6,
}
DOMAIN_APPS = ("clinic", "records", "billing")


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    module_name(path): path for app in ("vetclinic", *DOMAIN_APPS) for path in sorted((ROOT / app).rglob("*.py"))
}


@functools.cache
def imports(module: str) -> list[str]:
    """The modules of ours that a module imports, wherever in its text."""
    return list(_imports(module))


def _imports(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by a relative name: write the whole one"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            found = name if name in MODULES else name.rpartition(".")[0]
            if found in MODULES:
                yield found


def floor(module: str) -> int:
    if module.startswith(COMPOSITION_ROOT):
        return FLOORS.index("composition root")
    return FLOORS.index(module.partition(".")[0])


def place(module: str) -> int | None:
    return PLACES.get(module.split(".")[1]) if "." in module else None


def reached(module: str) -> set[str]:
    """The placed modules of the same app that a module imports, also through files without a place."""
    app, found, seen = module.partition(".")[0], set(), {module}
    waiting = list(imports(module))
    while waiting:
        name = waiting.pop()
        if name in seen or name.partition(".")[0] != app:
            continue
        seen.add(name)
        if place(name) is None:
            waiting += imports(name)
        else:
            found.add(name)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_nothing_from_a_higher_floor(module):
    for imported in imports(module):
        assert floor(imported) <= floor(module), (
            f"{module} ({FLOORS[floor(module)]}) imports {imported} ({FLOORS[floor(imported)]}), "
            f"which stands on a higher floor: {' ← '.join(FLOORS)}"
        )


@pytest.mark.parametrize(
    "module", [name for name in MODULES if name.partition(".")[0] in DOMAIN_APPS and place(name) is not None]
)
def test_module_imports_nothing_that_comes_later_in_its_app(module):
    for imported in reached(module):
        assert place(imported) <= place(module), (
            f"{module} imports {imported}, which comes later: inside an app the order is "
            "enums → models → rules → actions → forms, filters → views, admin → urls"
        )
