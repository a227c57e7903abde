"""What Django raises when psycopg calls it an internal error: with a code of the server, and without one."""

import psycopg
from django.db import InternalError


def internal_error(cause: psycopg.InternalError) -> InternalError:
    fault = InternalError(str(cause))
    fault.__cause__ = cause
    return fault


# Through PgBouncer, of a server that died between two commands of a request.
OUT_OF_STEP = internal_error(psycopg.InternalError("received 2 results from command 'BEGIN'"))
ABORTED = internal_error(psycopg.errors.InFailedSqlTransaction("current transaction is aborted"))
