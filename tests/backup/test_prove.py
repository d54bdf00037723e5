"""What a proof says of a restored server's pages."""

import pytest

from deploy.backup.prove import check_pages
from deploy.backup.running import run, scratch
from deploy.backup.server import Server
from tests.servers import PAIR


@pytest.fixture
def made():
    """Call it with the options of initdb: a server that is not running."""
    with scratch(PAIR.folder, "prove") as folder:

        def make(*options: str) -> Server:
            run("initdb", "-D", folder / "server", "-U", "postgres", *options)
            return Server(folder / "server")

        yield make


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "Pages have no checksums, so that they were not compared with any."),
        (["--data-checksums"], "Page checksums are right."),
    ],
)
def test_pages_are_compared_with_their_checksums_where_they_have_some(made, options, words):
    assert str(check_pages(made(*options))) == words
