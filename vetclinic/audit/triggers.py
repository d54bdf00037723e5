"""The trigger by which a table's changes are kept."""

import pgtrigger


def kept() -> pgtrigger.Trigger:
    """Every change of a row goes into change_log, with who acted (vetclinic.audit.acting)."""
    return pgtrigger.Trigger(
        name="kept",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        func="PERFORM keep_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW)); RETURN NULL;",
    )
