"""Run drills and print one line each. `python -m deploy.drills base s3_away` runs those two, no name runs all.

Ends with 1 when one failed. One that cannot run on this machine counts as failed only where CI=true.
"""

import os
import sys
import traceback

from deploy.drills import DRILLS, CannotRun, find


def run(name: str) -> tuple[bool, str]:
    """Whether a drill passed, and its line."""
    try:
        figures = find(name)()
    except CannotRun as missing:
        return os.environ.get("CI") != "true", f"drill {name}: cannot run {_one_line(missing)}"
    except Exception as error:  # whatever it was, the drills after it still run
        if os.environ.get("DRILL_TRACEBACK"):
            traceback.print_exc()
        return False, f"drill {name}: FAILED {_one_line(error)}"
    return True, f"drill {name}: ok {figures}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def main(names: list[str]) -> int:
    names = [name.replace("_", " ") for name in names]  # make parts words at spaces
    unknown = [name for name in names if name not in DRILLS]
    if unknown:
        print(f"No such drill: {', '.join(unknown)}. There are: {', '.join(DRILLS)}", file=sys.stderr)
        return 2
    passed = []
    for name in names or DRILLS:
        ok, line = run(name)
        passed.append(ok)
        print(line, flush=True)
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
