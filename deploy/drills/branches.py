"""Three branches as three hosts with a distance between them: what do pages pay?"""

from deploy.drills import CannotRun


def branches() -> str:
    raise CannotRun("not yet")
