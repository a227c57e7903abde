"""What home/database/compiled.py and academy/signed_in.py rely on in Django and psycopg, name by name.

None of it is documented, so a new version may change it. A failure here says which lines to read again before
the pin moves; tests/enrollments/test_compiled.py then says whether the rows are still those of the querysets.
"""

import inspect

import psycopg
import pytest
from django.contrib.auth import backends
from django.contrib.sessions.backends import db as sessions
from django.db import connections, transaction
from django.db.models import Field, Model, Value, query
from django.db.models.sql import InsertQuery, Query, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler

from academy import signed_in
from courses.models import Session
from enrollments.models import Enrollment
from home.database.compiled import DATABASE, Given

LOOK = (
    "Django has changed under {}: read it again, then compare with the querysets "
    "(tests/enrollments/test_compiled.py)."
)
SIGNATURES = {  # function -> its parameters, and what of ours calls it
    Query.get_compiler: ("using connection elide_empty", "compiled._Plan, CompiledUpdate and insert"),
    Query.chain: ("klass", "compiled.CompiledUpdate"),
    UpdateQuery.add_update_values: ("values", "compiled.CompiledUpdate"),
    InsertQuery.insert_values: ("fields objs raw", "compiled.insert"),
    SQLCompiler.__init__: (
        "query connection using elide_empty",
        "compiled._Plan.read, which makes a compiler anew",
    ),
    SQLCompiler.as_sql: ("with_limits with_col_aliases", "compiled._Plan"),
    SQLCompiler.get_converters: ("expressions", "compiled._Plan.read"),
    SQLInsertCompiler.as_sql: ("", "compiled.insert"),
    Value.as_sql: ("compiler connection", "compiled.Given, which overrides it"),
    Field.get_db_prep_save: ("value connection", "compiled.insert"),
    Field.pre_save: ("model_instance add", "compiled.insert"),
    Model.from_db.__func__: ("cls db field_names values", "compiled._Plan._row"),
    query.get_related_populators: ("klass_info select db", "compiled._Plan"),
    query.RelatedPopulator.populate: ("row from_obj", "compiled._Plan._row"),
    transaction.mark_for_rollback_on_error: ("using", "compiled.CompiledUpdate and insert"),
    psycopg.Connection.pipeline: ("", "compiled.together"),
    sessions.SessionStore._get_session_from_db: ("", "signed_in.SessionStore, which overrides it"),
    sessions.SessionStore.save: ("must_create", "signed_in.SessionStore, which overrides it"),
    sessions.SessionStore.decode: ("session_data", "signed_in.SessionStore, which overrides it"),
    backends.ModelBackend.get_user: ("user_id", "signed_in.ModelBackend, which overrides it"),
    backends.ModelBackend.user_can_authenticate: ("user", "signed_in.ModelBackend"),
}


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__qualname__)
def test_a_function_below_is_called_as_before(function):
    expected, user = SIGNATURES[function]
    given = [name for name in inspect.signature(function).parameters if name != "self"]
    assert given == expected.split(), LOOK.format(user)


def test_a_queryset_tells_how_its_rows_are_read():
    look = LOOK.format("compiled._Plan")
    rows = Enrollment.objects.select_related("session__course").order_by("pk")
    for name in ("_prefetch_related_lookups", "_known_related_objects", "_iterable_class", "_fields"):
        assert hasattr(rows, name), look
    assert rows._iterable_class is query.ModelIterable, look
    assert rows.values("pk")._iterable_class is query.ValuesIterable, look
    named = rows.values_list("pk", "state", named=True)
    assert named._iterable_class is query.NamedValuesListIterable and named._fields == ("pk", "state"), look
    assert list(rows.values("state", "pk").query.selected) == ["state", "pk"], look
    assert not rows.query.select_for_update and rows.select_for_update().query.select_for_update, look
    assert rows.prefetch_related("notes")._prefetch_related_lookups, look


def test_a_compiler_tells_its_columns_after_the_sql():
    """Columns come as (expression, SQL, alias); `klass_info` says which are the model's own, and which go
    into related objects.
    """
    look = LOOK.format("compiled._Plan")
    rows = Enrollment.objects.select_related("session__course").order_by("pk")
    compiler = rows.query.get_compiler(using=DATABASE)
    sql, params = compiler.as_sql()
    assert isinstance(sql, str) and tuple(params) == (), look
    own = compiler.klass_info["select_fields"]
    assert compiler.klass_info["model"] is Enrollment and own == list(range(len(own))), look
    names = [column[0].target.attname for column in compiler.select[: len(own)]]
    assert names == [field.attname for field in Enrollment._meta.concrete_fields], look
    (populator,) = query.get_related_populators(compiler.klass_info, compiler.select, DATABASE)
    assert populator.model_cls is Session, look
    assert compiler.annotation_col_map == {}, look
    converters = type(compiler)(rows.query, connections[DATABASE], DATABASE).get_converters(
        [column[0] for column in compiler.select]
    )
    assert all(isinstance(place, int) and len(found) == 2 for place, found in converters.items()), look


def test_a_stand_in_stays_in_the_parameters():
    """A lookup must neither resolve the value to something else, nor copy it into the SQL."""
    look = LOOK.format("compiled.Given")
    rows = Enrollment.objects.filter(
        session=Given("session"), state__in=[Given("states", 0), Given("states", 1)]
    )
    sql, params = rows.query.get_compiler(using=DATABASE).as_sql()
    assert sorted((param.name, param.place or 0) for param in params) == [
        ("session", 0),
        ("states", 0),
        ("states", 1),
    ], look
    assert all(isinstance(param, Given) for param in params) and sql.count("%s") == 3, look


def test_an_update_and_an_insert_are_one_statement():
    look = LOOK.format("compiled.CompiledUpdate and insert")
    changed = Session.objects.filter(pk=Given("key")).query.chain(UpdateQuery)
    changed.add_update_values({"capacity": 7})
    sql, params = changed.get_compiler(using=DATABASE).as_sql()
    assert (
        sql.startswith("UPDATE") and params[0] == 7 and isinstance(params[1], Given) and len(params) == 2
    ), look
    row, meta = Enrollment(reference="A"), Enrollment._meta
    fields = [field for field in meta.local_concrete_fields if field is not meta.pk]
    written = InsertQuery(Enrollment)
    written.insert_values(fields, [row])
    compiler = written.get_compiler(using=DATABASE)
    assert compiler.returning_fields is None, look
    compiler.returning_fields = [meta.pk]
    ((sql, params),) = compiler.as_sql()
    assert "RETURNING" in sql and len(params) == len(fields), look
    assert row._state.adding and row._state.db is None, look


def test_a_connection_tells_where_it_stands():
    look, connection = LOOK.format("compiled.together"), connections[DATABASE]
    names = (
        "vendor",
        "in_atomic_block",
        "wrap_database_errors",
        "features",
        "ops",
        "connection",
    )
    assert [name for name in names if not hasattr(connection, name)] == [], look
    assert isinstance(vars(connection), dict), LOOK.format(
        "compiled._Plan.read, which keeps converters with the connection"
    )
    assert isinstance(connection.features.has_native_uuid_field, bool), LOOK.format("compiled._adapted")
    for name in ("adapt_datetimefield_value", "adapt_datefield_value"):
        assert callable(getattr(connection.ops, name)), LOOK.format("compiled._adapted")


def test_django_asks_who_is_signed_in_where_we_answer():
    """A session is loaded by `_get_session_from_db`, which returns None for none and forgets the key; a user
    by `get_user`.
    """
    look = LOOK.format("academy/signed_in.py")
    assert "_get_session_from_db" in inspect.getsource(sessions.SessionStore.load), look
    assert "self._session_key = None" in inspect.getsource(sessions.SessionStore._get_session_from_db), look
    assert issubclass(signed_in.SessionStore, sessions.SessionStore) and issubclass(
        signed_in.ModelBackend, backends.ModelBackend
    )
    assert f"{backends.ModelBackend.__module__}.{backends.ModelBackend.__qualname__}" == signed_in.DJANGOS, (
        look
    )
