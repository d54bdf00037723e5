"""Where a page reads is the router's business alone."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.test_import_order import MODULES

# What speaks to the primary on purpose: who acts, locks, and what is asked before something is written.
ASK_THE_PRIMARY = {
    "billing.closing",
    "billing.management.commands.close_income",
    "clinic.reminders.planning",
    "clinic.price_plans",
    "clinic.price_rules",
    "clinic.pricing",
    "records.vaccination_letters",
    "vetclinic.audit.acting",
    "vetclinic.audit.rights",
    "vetclinic.demo.loading",
    "vetclinic.demo.management.commands.seed_demo",
    "vetclinic.locks",
    "vetclinic.rows",
}
PLUMBING = ("vetclinic.replication", "vetclinic.monitoring")


def read_by_themselves(module: str) -> Iterator[str]:
    """The calls of .using(), and the connections that a module takes without asking the router."""
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "using":
                yield ".using()"
            if node.func.attr == "cursor" and ast.unparse(node.func.value) == "connection":
                yield "connection.cursor()"
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "connections":
            alias = ast.unparse(node.slice)
            if "db_for_read" not in alias and alias != "database":
                yield f"connections[{alias}]"


@pytest.mark.parametrize(
    "module",
    [name for name in MODULES if not name.startswith(PLUMBING) and ".migrations" not in name],
)
def test_module_reads_where_the_router_says(module):
    if module not in ASK_THE_PRIMARY:
        assert list(read_by_themselves(module)) == []


def test_modules_that_ask_the_primary_are_there_and_do():
    assert [name for name in sorted(ASK_THE_PRIMARY) if not list(read_by_themselves(name))] == []
