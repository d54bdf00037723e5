"""How long each page takes, beside the empty signed-in page of the same run.

    python -m deploy.bench [--size small] [--alone]     # small, medium, 1m, 10m: the demo data of seed_demo

Starts a primary, a standby and gunicorn with the settings of production, fills the clinic on the first run, and stops
all of it. With --alone there is no standby, for a disk that has no room for ten million visits twice.
One person asks at a time, so the times are of one request, not of a crowd. The machine is noisy: trust the ratios.
"""

import argparse
import dataclasses
import json
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

from deploy import demo
from deploy.bench.overhead import show_overhead
from deploy.bench.pages import Page, animals_to_book, bookings, kept, pages
from deploy.postgres.pair import Pair, PairError, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
ROUNDS, REQUESTS = 10, 10  # of each page: a hundred
LONGEST_S = 1800
RUSH, RUSHERS = 1500, 16  # bookings, and how many people send them
RUSH_TARGET = 200  # a second


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy.bench", description="Time every page of a filled clinic.")
    parser.add_argument("--size", default="small", help="of the demo data")
    parser.add_argument("--alone", action="store_true", help="without a standby, on half of the disk")
    wish = parser.parse_args()
    size = wish.size
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = ROOT / ".local" / "bench" / size  # one of its own for each size: a filled clinic stays as it is
    pair = gunicorn = None
    try:
        lock = demo.hold(folder)  # noqa: F841 (held until the end)
        pair = Pair(folder / "postgres")
        pair.start(alone=wish.alone)
        secrets = demo.keep_secrets(folder)
        os.environ |= demo.environment(pair, folder, secrets["secret_key"]) | {"COUNT_SQL": "true"}
        if wish.alone:
            os.environ["DATABASE_REPLICA_URL"] = ""
        if demo.prepare(size, secrets["password"]):
            raise demo.DemoError(f"All visits of this clinic are past by now. Remove {folder} and measure again.")
        demo.manage("close_income")  # as the worker does at night
        chosen = pages()
        plan(folder, chosen, secrets["password"])
        port = free_port()
        gunicorn = demo.serve(port)
        demo.wait_until_it_answers(gunicorn, port)
        print(f"Asking for {len(chosen)} pages, {ROUNDS * REQUESTS} times each …", flush=True)
        show(chosen, drive(folder, port), size)
        print(rush(folder, port, secrets["password"]), flush=True)
        demo.stop(None, gunicorn)
        if not wish.alone:
            show_overhead(folder, chosen, secrets["password"])
    except (demo.DemoError, PairError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        demo.stop(pair, gunicorn)
    return 0


def plan(folder: Path, chosen: list[Page], password: str) -> None:
    path = folder / "plan.json"
    path.touch(mode=0o600)
    path.write_text(
        json.dumps(
            {
                "pages": [dataclasses.asdict(page) for page in chosen],
                "animals": animals_to_book(400),
                "password": password,
                "rounds": ROUNDS,
                "requests": REQUESTS,
            }
        )
    )


def drive(folder: Path, port: int) -> dict:
    """What locust measured: for each page the seconds of every request, and the statements of the last one."""
    result = locust("drive.py", folder, port, users=1, result="result.json")
    if "error" in result:
        raise demo.DemoError(f"The pages could not be measured. {result['error']}")
    return result


def rush(folder: Path, port: int, password: str) -> str:
    """Many people book at once: how many bookings a second, and whether each that was accepted is there."""
    forms = bookings(RUSH)
    path = folder / "rush.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"forms": forms, "password": password, "users": RUSHERS}))
    result = locust("rush.py", folder, port, users=RUSHERS, result="rushed.json")
    if "error" in result:
        raise demo.DemoError(f"The rush could not be measured. {result['error']}")
    accepted, lost = result["accepted"], result["accepted"] - kept(forms)
    rate = accepted / result["seconds"]
    missed = "  missed" if rate < RUSH_TARGET or lost else ""
    done = f"{rate:.0f} a second, {accepted} accepted, {lost} lost"
    return f"{RUSHERS} people booking at once: {done}{f'≥ {RUSH_TARGET}':>8}{missed}"


def locust(file: str, folder: Path, port: int, *, users: int, result: str) -> dict:
    """Run a locustfile of this folder; what it wrote into `result`, or an error."""
    path = folder / result
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name(file)), "--headless"]
    command += [
        "--users",
        str(users),
        "--spawn-rate",
        str(users),
        "--only-summary",
        "--host",
        f"http://127.0.0.1:{port}",
    ]
    done = subprocess.run(
        command,
        env=os.environ | {"VETCLINIC_BENCH": str(folder)},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    return json.loads(path.read_text()) if path.exists() else {"error": done.stderr}


def show(chosen: list[Page], result: dict, size: str) -> None:
    empty = statistics.median(result["times"][chosen[0].name])
    print(f"\n{'size ' + size:<28}{'median ms':>10}{'p95 ms':>9}{'SQL':>5}{'ratio':>8}{'target':>8}")
    for page in chosen:
        times = result["times"][page.name]
        median, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        ratio, target = median / empty, f"≤ {page.target:g}" if page.target else ""
        missed = "  missed" if page.target and ratio > page.target else ""
        line = f"{page.name:<28}{median * 1000:>10.1f}{p95 * 1000:>9.1f}{result['counts'][page.name]:>5}"
        print(f"{line}{ratio:>8.1f}{target:>8}{missed}")


if __name__ == "__main__":
    sys.exit(main())
