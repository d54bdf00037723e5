""".env.example lists every variable that the settings read, no other, and says of each what it is for."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ASSIGNMENT = re.compile(r"#?([A-Z][A-Z0-9_]*)=")


def variables_of_settings() -> set[str]:
    """The first argument of every env.str("NAME", …), env.bool("NAME", …) and their like."""
    files = ("vetclinic/settings.py", "deploy/backup/settings.py")
    calls = [node for file in files for node in ast.walk(ast.parse((ROOT / file).read_text())) if _reads(node)]
    return {call.args[0].value for call in calls}


def _reads(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
    )


def lines_of_example() -> list[str]:
    return (ROOT / ".env.example").read_text().splitlines()


def test_example_lists_exactly_the_variables_that_settings_read():
    listed = [match[1] for line in lines_of_example() if (match := ASSIGNMENT.match(line))]

    assert sorted(listed) == sorted(variables_of_settings())


def test_every_variable_has_a_comment_above_it():
    lines = lines_of_example()

    bare = [
        line for above, line in zip(["", *lines], lines, strict=False) if ASSIGNMENT.match(line) and above[:2] != "# "
    ]

    assert bare == []
