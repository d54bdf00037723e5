"""Several hosts in DATABASE_URL: the one that takes writes is the primary, wherever it stands among them."""

import psycopg

from vetclinic.settings import _primary


def options(url: str) -> dict:
    return _primary(url)["OPTIONS"]


def test_primary_is_found_behind_its_standby(pair):
    ports = [pair.port(name) for name in ("standby", "primary")]
    config = _primary(pair.url("primary").replace(f":{ports[1]}/", f":{ports[0]},127.0.0.1:{ports[1]}/"))

    with psycopg.connect(
        host=config["HOST"], port=config["PORT"], user=config["USER"], password=config["PASSWORD"], dbname=config["NAME"],
        target_session_attrs=config["OPTIONS"]["target_session_attrs"],
    ) as connection:  # fmt: skip
        assert connection.execute("SELECT current_setting('port')::int, pg_is_in_recovery()").fetchone() == (
            ports[1],
            False,
        )


def test_single_host_is_taken_as_it_is():
    assert "target_session_attrs" not in options("postgres://site@db.example/vetclinic")


def test_what_the_address_says_itself_stays():
    url = "postgres://site@db1.example,db2.example/vetclinic?target_session_attrs=any"

    assert options(url)["target_session_attrs"] == "any"
