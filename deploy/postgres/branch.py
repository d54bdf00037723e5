"""Standbys, in branches and beside the primary: each made by one command on either side, and may become the primary.

    # where it shall read from: the primary, and after that a standby if it shall follow that one (cascading)
    python3 -m deploy.postgres.branch admit north --from 10.8.2.0/24 --address db.example --bundle /root/north.json

    # on its machine, with that file: also once more at any time, and when the primary has given its log away
    python3 -m deploy.postgres.branch follow /root/north.json --data /var/lib/postgresql/north

    # the primary is lost: a standby becomes it, or a server that was restored
    python3 -m deploy.postgres.branch promote --data /var/lib/postgresql/north --address db2.example --from 10.8.0.0/16

`admit` makes the role (scram, REPLICATION) and the slot `branch_north`, the lines of pg_hba.conf for that network, and
TLS where there was none. The file holds a password: carry it as one. `follow` copies the server, or does nothing but
start it; a standby whose slot was lost is copied anew, and with --rejoin a primary of before. What is no standby of
that server it leaves alone. Root may give them, or the user that runs PostgreSQL.
"""

import argparse
import json
import sys
from pathlib import Path

from deploy.postgres import programs
from deploy.postgres.admit import admit
from deploy.postgres.configuration import port_in
from deploy.postgres.follow import follow
from deploy.postgres.pair import PairError
from deploy.postgres.promote import promote

PORT = 5433  # 5432 is that of Debian's own server, which may go on beside it


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    let = commands.add_parser("admit", help="let a standby follow this server")
    let.add_argument("name", help="of the standby, or its branch: small Latin letters, digits and _")
    let.add_argument("--from", dest="network", required=True, help="where it comes from: 10.8.2.0/24")
    let.add_argument("--address", required=True, help="the host name or IP by which it reaches this server")
    let.add_argument("--bundle", type=Path, required=True, help="the file for it, made or brought up to date")
    let.add_argument("--connect", default="dbname=postgres", help="how to reach this server as superuser (libpq)")
    _add_site(let, "vetclinic_site")
    take = commands.add_parser("follow", help="set up, start or rebuild a standby")
    take.add_argument("bundle", type=Path)
    _add_place(take, listen="127.0.0.1")
    take.add_argument("--rebuild", action="store_true", help="copy anew also when its slot is well")
    take.add_argument("--rejoin", action="store_true", help="what lies there was a primary: keep it beside, copy anew")
    lead = commands.add_parser("promote", help="make a standby, or a restored server, the primary")
    _add_place(lead, listen="*")
    lead.add_argument("--address", required=True, help="the host name or IP by which others reach it")
    lead.add_argument("--from", dest="networks", action="append", default=[], help="where web servers are; repeatable")
    _add_site(lead, "vetclinic_site,vetclinic")
    for name in ("start", "stop"):
        only = commands.add_parser(name, help=f"{name} a server of such a directory, as at boot")
        only.add_argument("--data", type=Path, required=True)
    return parser


def _add_place(parser: argparse.ArgumentParser, *, listen: str) -> None:
    parser.add_argument("--data", type=Path, required=True, help="its data directory")
    parser.add_argument("--port", type=int, help=f"by default that which it has, or {PORT}")
    parser.add_argument("--listen", default=listen, help="listen_addresses; one that others reach has more than here")


def _add_site(parser: argparse.ArgumentParser, logins: str) -> None:
    parser.add_argument("--app-role", default=logins, help="who comes from there: logins of web servers, with commas")
    parser.add_argument("--database", default="vetclinic", help="the database that they work with")


def _admit(asked: argparse.Namespace) -> str:
    return admit(
        asked.name, network=asked.network, address=asked.address, bundle=asked.bundle,
        connect=asked.connect, app_role=asked.app_role, database=asked.database,
    )  # fmt: skip


def _follow(asked: argparse.Namespace) -> str:
    bundle, port = json.loads(asked.bundle.read_text()), asked.port or port_in(asked.data) or PORT
    again = {"rebuild": asked.rebuild, "rejoin": asked.rejoin}
    return follow(bundle, data=asked.data, port=port, listen=asked.listen, **again)


def _promote(asked: argparse.Namespace) -> str:
    port = asked.port or port_in(asked.data) or PORT
    reach = {"address": asked.address, "networks": asked.networks, "web": f"{asked.database} {asked.app_role}"}
    return promote(asked.data, port=port, listen=asked.listen, **reach)


def _start(asked: argparse.Namespace) -> str:
    if not programs.runs(asked.data):
        programs.start(asked.data)
    return f"{asked.data} runs."


def _stop(asked: argparse.Namespace) -> str:
    programs.stop(asked.data)
    return f"{asked.data} is stopped."


COMMANDS = {"admit": _admit, "follow": _follow, "promote": _promote, "start": _start, "stop": _stop}


def main(words: list[str]) -> int:
    asked = _arguments().parse_args(words)
    try:
        said = COMMANDS[asked.command](asked)
    except (PairError, OSError, json.JSONDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
