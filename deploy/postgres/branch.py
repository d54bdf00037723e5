"""A branch's own standby, set up by one command on each side. Run both as the user that runs PostgreSQL there.

    # where the branch shall read from: the primary, and after that a standby if it shall follow that one (cascading)
    python3 -m deploy.postgres.branch admit north --from 10.8.2.0/24 --address db.example --bundle north.json

    # in the branch, with that file: also once more at any time, and when the primary has given its log away
    python3 -m deploy.postgres.branch follow north.json --data /var/lib/postgresql/north

`admit` makes the role (scram, REPLICATION) and the slot `branch_north`, the lines of pg_hba.conf for that network, and
TLS where there was none. The file holds a password: carry it as one. `follow` copies the server, or does nothing but
start it; a standby whose slot was lost is copied anew. What is no standby of that server it leaves alone.
"""

import argparse
import json
import sys
from pathlib import Path

from deploy.postgres.admit import admit
from deploy.postgres.follow import follow
from deploy.postgres.pair import PairError


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    let = commands.add_parser("admit", help="let a branch's standby follow this server")
    let.add_argument("name", help="the branch: small Latin letters, digits and _")
    let.add_argument("--from", dest="network", required=True, help="where it comes from: 10.8.2.0/24")
    let.add_argument("--address", required=True, help="the host name or IP by which it reaches this server")
    let.add_argument("--bundle", type=Path, required=True, help="the file for the branch, made or brought up to date")
    let.add_argument("--connect", default="dbname=postgres", help="how to reach this server as superuser (libpq)")
    let.add_argument("--app-role", default="vetclinic_site", help="login of the web server in the branch")
    let.add_argument("--database", default="vetclinic", help="the database that it works with")
    take = commands.add_parser("follow", help="set up, start or rebuild the branch's standby")
    take.add_argument("bundle", type=Path)
    take.add_argument("--data", type=Path, required=True, help="its data directory")
    take.add_argument("--port", type=int, default=5432)
    take.add_argument("--listen", default="127.0.0.1", help="listen_addresses; a standby that others follow has more")
    take.add_argument("--rebuild", action="store_true", help="copy anew also when its slot is well")
    return parser


def main(words: list[str]) -> int:
    asked = _arguments().parse_args(words)
    try:
        if asked.command == "admit":
            said = admit(
                asked.name, network=asked.network, address=asked.address, bundle=asked.bundle,
                connect=asked.connect, app_role=asked.app_role, database=asked.database,
            )  # fmt: skip
        else:
            bundle = json.loads(asked.bundle.read_text())
            said = follow(bundle, data=asked.data, port=asked.port, listen=asked.listen, rebuild=asked.rebuild)
    except (PairError, OSError, json.JSONDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
