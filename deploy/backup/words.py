"""What backups say: a sentence and its figures apart. In English here, in the reader's language on the operations page
and in letters (vetclinic/monitoring/words.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field


def _(text: str) -> str:
    """Marks a sentence for gettext. Django's own would ask for the site's settings."""
    return text


@dataclass(frozen=True)
class Said:
    """`text` is the English sentence, marked for gettext where it is written; figures stand in it as %(name)s. Without
    figures it is taken as it is: the words of another program, for example.
    """

    text: str
    facts: dict = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.facts if self.facts else self.text


def in_english(said: list[Said]) -> str:
    return " ".join(map(str, said))


class BackupError(Exception):
    """Why a backup, a check or a restore did not come about, for the admin."""

    def __init__(self, text: str, **facts: object):
        plain = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in facts.items()}
        self.said = [Said(text, plain)]

    def __str__(self) -> str:
        return in_english(self.said)

    def and_then(self, said: list[Said]) -> BackupError:
        """With more sentences after its own."""
        self.said += said
        return self


def said_by(error: Exception) -> list[Said]:
    """Of any error: PostgreSQL's and the system's words are taken as they are."""
    return error.said if isinstance(error, BackupError) else [Said(str(error).strip())]
