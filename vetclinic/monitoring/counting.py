"""How many SQL statements a page takes, and of which server: for benchmarks and drills, on only with COUNT_SQL."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

from django.db import connections
from django.http import HttpRequest, HttpResponse

HEADER = "SQL-Count"
BY_SERVER = "SQL-Servers"


class CountSql:
    """Answers with the number of statements that the request sent to all databases, sessions and all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        counts = Counter()

        def counted(execute, sql, params, many, context):
            counts[context["connection"].alias] += 1
            return execute(sql, params, many, context)

        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(counted))
            response = self.get_response(request)
        response.headers[HEADER] = str(counts.total())
        response.headers[BY_SERVER] = " ".join(f"{alias}={count}" for alias, count in sorted(counts.items()))
        return response
