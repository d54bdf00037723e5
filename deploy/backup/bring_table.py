"""A dropped table comes back from an export, with all that belongs to it, in one transaction or not at all."""

from pathlib import Path

import psycopg
from psycopg import sql

from deploy.backup.closure import key_of
from deploy.backup.running import run, write_private
from deploy.backup.server import Server
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _

OWNED = """
    SELECT relname, relkind FROM pg_class JOIN pg_depend d ON d.objid = pg_class.oid
    WHERE relkind IN ('S', 'i') AND d.refobjid = %s::regclass
"""
KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND %s::regclass IN (confrelid, conrelid)
"""
POINTING = """
    SELECT conrelid::regclass::text, own.attname, far.attname FROM pg_constraint
    JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = conkey[1]
    JOIN pg_attribute far ON far.attrelid = confrelid AND far.attnum = confkey[1]
    WHERE contype = 'f' AND confrelid = %s::regclass AND conrelid <> confrelid
"""
# An export knows no logins. Who works with rows of animals works with this table's; the log of changes is only read, or
# who changed something could hide it (vetclinic.audit.rights).
LOGINS = """
    SELECT DISTINCT grantee FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND table_name IN ('pet', 'pet_owner') AND privilege_type = 'INSERT' AND grantee <> %s
"""
ONLY_READ = ("change_log", "django_migrations")
RIGHTS = """
    GRANT {rights} ON {table} TO {login};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {login};
"""
# Rows that came and went since the export had numbers, too: given once more, the history of one would be another's.
NUMBERS = """
    SELECT setval({sequence}, known.highest) FROM (SELECT max(row_id) AS highest FROM change_log
    WHERE table_name = {table}) known WHERE known.highest > (SELECT last_value FROM {sequence_name});
"""
SHOWN = 10


def bring_table(settings: Settings, raw: Path, server: Server, table: str, work: Path) -> Said:
    with psycopg.connect(settings.url) as live, server.connect("readback") as old:
        if live.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()[0]:
            text = _("The table %(table)s is there: it is not overwritten. Rename it first to compare.")
            raise BackupError(text, table=table)
        if not old.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()[0]:
            raise BackupError(_("The export has no table %(table)s."), table=table)
        _check_what_points_to_it(live, old, table)
        owned = dict(old.execute(OWNED, [table]).fetchall())
        rows = old.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]
        owner = live.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
        [owner_name] = owner.fetchone()
        sequences = [name for name, kind in owned.items() if kind == "S"]
        after = [*_keys(live, old, table), *_numbers(live, table, sequences), *_rights(live, table, owner_name)]
    _write(settings, raw, work, list_of(raw, table, set(owned)), owner_name, after)
    return Said(_("The table %(table)s is back, with rows: %(rows)s."), {"table": table, "rows": rows})


def _check_what_points_to_it(live: psycopg.Connection, old: psycopg.Connection, table: str) -> None:
    """Rows that were written after the export may point to rows that it does not have."""
    for source, column, key in old.execute(POINTING, [table]).fetchall():
        if not live.execute("SELECT to_regclass(%s)", [f"public.{source}"]).fetchone()[0]:
            continue
        names = {"table": sql.Identifier(table), "source": sql.Identifier(source), "column": sql.Identifier(column)}
        there = old.execute(sql.SQL("SELECT {} FROM {table}").format(sql.Identifier(key), **names)).fetchall()
        question = sql.SQL("SELECT {key}, {column} FROM {source} WHERE {column} <> ALL(%s) ORDER BY 1")
        lost = live.execute(
            question.format(key=key_of(live, source), **names), [[value for (value,) in there]]
        ).fetchall()
        if lost:
            shown = ", ".join(f"{row} → {value}" for row, value in lost[:SHOWN])
            raise BackupError(
                _(
                    "Nothing was changed: %(count)s rows of %(source)s are younger, and point to rows of %(table)s "
                    "that the export does not have (%(shown)s). "
                    "Restore a server to just before the table was dropped and "
                    "copy it from there, or remove these rows and try again."
                ),
                count=len(lost), source=source, table=table, shown=shown,
            )  # fmt: skip


def _keys(live: psycopg.Connection, old: psycopg.Connection, table: str) -> list[str]:
    """From it, and to it from tables that are there."""
    here = {name for (name,) in live.execute("SELECT relname FROM pg_class WHERE relkind = 'r'")} | {table}
    there = {name for (name,) in live.execute("SELECT conname FROM pg_constraint WHERE contype = 'f'")}
    add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {};")
    return [
        add.format(sql.Identifier(source), sql.Identifier(name), sql.SQL(definition)).as_string(live)
        for source, name, definition in old.execute(KEYS, [table]).fetchall()
        if name not in there and source in here
    ]


def _numbers(live: psycopg.Connection, table: str, sequences: list[str]) -> list[str]:
    return [
        sql.SQL(NUMBERS)
        .format(sequence=sql.Literal(name), sequence_name=sql.Identifier(name), table=sql.Literal(table))
        .as_string(live)
        for name in sequences
    ]


def _rights(live: psycopg.Connection, table: str, owner: str) -> list[str]:
    names = [login for (login,) in live.execute(LOGINS, [owner]).fetchall()]
    rights = sql.SQL("SELECT" if table in ONLY_READ else "SELECT, INSERT, UPDATE, DELETE")
    grant = sql.SQL(RIGHTS)
    return [
        grant.format(rights=rights, table=sql.Identifier(table), login=sql.Identifier(name)).as_string(live)
        for name in names
    ]


def _write(settings: Settings, raw: Path, work: Path, wanted: list[str], owner: str, after: list[str]) -> None:
    write_private(work / "list", "\n".join(wanted) + "\n")
    write_private(work / "after.sql", "\n".join(["SET search_path = public;", *after]) + "\n")
    words = ["--no-owner", f"--role={owner}", "-L", work / "list", "-f", work / "table.sql"]
    run("pg_restore", *words, raw)
    words = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction"]
    run("psql", *words, "-f", work / "table.sql", "-f", work / "after.sql", url=settings.url)


def list_of(raw: Path, table: str, owned: set[str]) -> list[str]:
    """The lines of pg_restore's list that are about a table."""
    return [line for line in run("pg_restore", "-l", raw).splitlines() if _belongs(line, table, owned)]


def _belongs(line: str, table: str, owned: set[str]) -> bool:
    """Whether a line of pg_restore's list is about a table: `12; 1259 16402 TABLE DATA public pet owner`."""
    words = line.split()
    if line.startswith(";") or "public" not in words:
        return False
    place = words.index("public")
    kind, name = " ".join(words[3:place]), words[place + 1]
    if kind == "COMMENT":  # … COMMENT public TRIGGER kept ON pet owner: pgtrigger keeps its marks there
        return words[-2].split(".")[0] in (table, *owned)
    return name in owned or (name == table and kind != "FK CONSTRAINT")
