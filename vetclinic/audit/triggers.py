"""The trigger by which a table's changes are kept."""

import pgtrigger


def kept(*, without: str = "") -> pgtrigger.Trigger:
    """Every change of a row goes into change_log, with who acted (vetclinic.audit.acting).

    `without`: a column that follows from the others, or that nobody may read.
    """
    rest = f" - '{without}'" if without else ""
    return pgtrigger.Trigger(
        name="kept",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        func=f"PERFORM keep_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD){rest}, to_jsonb(NEW){rest}); RETURN NULL;",
    )
