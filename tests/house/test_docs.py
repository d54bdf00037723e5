"""The documents that name tables, rules and tests name those that exist."""

import ast
import importlib
import re
from pathlib import Path

import pytest
from django.db import connection

from tests.house.facts import enforced_constraints, own_models
from tests.house.test_import_order import MODULES
from vetclinic.refusals import REFUSALS

ROOT = Path(__file__).resolve().parent.parent.parent
COLUMNS = """
    SELECT column_name,
           CASE udt_name
             WHEN 'int2' THEN 'smallint' WHEN 'int4' THEN 'integer' WHEN 'int8' THEN 'bigint' WHEN 'bool' THEN 'boolean'
             WHEN 'varchar' THEN 'varchar(' || character_maximum_length || ')'
             WHEN 'numeric' THEN 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
             ELSE udt_name END,
           CASE WHEN is_nullable = 'YES' THEN 'no'
             WHEN column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS' THEN 'default'
             ELSE 'yes' END
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
"""

NO_RULES = {  # of the clinic: they ask whether the machine is set up
    "billing.checks.check_payment_qr",
    "vetclinic.ui.pdf.check_can_print",
}
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def rows_of(lines: list[str]) -> list[list[str]]:
    """The cells of Markdown tables, without their heads."""
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in lines if line.startswith("|")]
    return [row for row, under in zip(rows, [*rows[1:], [""]], strict=True) if "---" not in (row[0], under[0])]


def documented_tables() -> dict[str, list[list[str]]]:
    sections = re.split(r"^## ", (ROOT / "docs/tables.md").read_text(), flags=re.MULTILINE)[1:]
    return {text.splitlines()[0].strip("` "): rows_of(text.splitlines()) for text in sections}


def rules() -> list[list[str]]:
    """The rows of docs/rules.md: rule, function, constraint, test."""
    return rows_of((ROOT / "docs/rules.md").read_text().splitlines())


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_tables_document_has_every_table_of_the_project():
    assert sorted(documented_tables()) == sorted(model._meta.db_table for model in own_models())


@pytest.mark.django_db
@pytest.mark.parametrize("table", documented_tables())
def test_table_is_documented_as_it_is(table):
    documented = [(name.strip("`"), kind, required) for name, kind, required, _meaning in documented_tables()[table]]

    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        assert sorted(documented) == sorted(cursor.fetchall())


@pytest.mark.parametrize("table", documented_tables())
def test_every_column_says_what_it_means(table):
    assert [name for name, *_type, meaning in documented_tables()[table] if not meaning] == []


@pytest.mark.parametrize("name", sorted({name for row in rules() for name in names_in(row[1])}))
def test_function_of_a_rule_exists(name):
    module, _, function = name.rpartition(".")

    assert callable(getattr(importlib.import_module(module), function, None)), name


@pytest.mark.django_db
def test_constraint_of_a_rule_exists():
    assert {name for row in rules() for name in names_in(row[2])} - enforced_constraints() == set()


@pytest.mark.parametrize("name", sorted({name for row in rules() for name in names_in(row[3])}))
def test_test_of_a_rule_exists(name):
    path, _, function = name.partition("::")

    assert re.search(rf"^def {function}\(", (ROOT / path).read_text(), re.MULTILINE), name


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule[0][:50])
def test_every_rule_is_kept_by_something_and_tested(rule):
    _sentence, function, constraint, test = rule

    assert names_in(function) or names_in(constraint)
    assert names_in(test)


def test_every_check_of_the_code_is_documented():
    checks = {
        f"{module}.{function.name}"
        for module, path in MODULES.items()
        for function in ast.parse(path.read_text()).body
        if isinstance(function, ast.FunctionDef) and function.name.startswith("check_")
    }

    assert checks - {name for row in rules() for name in names_in(row[1])} == NO_RULES


def test_every_refusal_of_the_database_is_documented():
    assert set(REFUSALS) - {name for row in rules() for name in names_in(row[2])} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []
