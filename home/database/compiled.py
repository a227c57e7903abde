"""Queries whose SQL is built once.

Only for what is asked under a lock or in a rush; everything else is a plain queryset.

Reason: Django builds the SQL of a queryset again at each call. While a session is locked, every other family
waits for that; when enrollment opens, the pages that all of them load wait for each other.
Gain: `python -m tests.bench.compiled` compares the same work compiled and plain, in milliseconds of CPU of
one process. Measured on PostgreSQL and a busy machine of two cores (SQLite: about the same ratios): giving a
place takes 3.8 instead of 12.8, the whole request 7.1 instead of 18.7, the catalogue of thirty sessions from
no cache 18.2 instead of 23.1. With what the rows already answer no longer asked, the confirmation takes 19
instead of 44, and the family page with one child 20 instead of 60.
Price: it reads private parts of Django. tests/home/test_compiled_internals.py names each and fails when one
moves; tests/enrollments/test_compiled.py compares the rows with the querysets; tests/test_house.py lists the
modules that may import it.

A compiled query is called like a function and returns the same rows as the queryset it is made of. Queries
that need not wait for each other's answers go to PostgreSQL in one trip (`together`).
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import CharField, DateField, DateTimeField, Field, Model, QuerySet, TextField, Value
from django.db.models.query import (
    ModelIterable,
    NamedValuesListIterable,
    ValuesIterable,
    get_related_populators,
)
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.transaction import TransactionManagementError, mark_for_rollback_on_error

MOST = 8  # list length; larger ones use the queryset itself
LARGEST = 2**63
DATABASE = DEFAULT_DB_ALIAS  # there is one
One = TypeVar("One", bound=Model)
Row = TypeVar("Row")  # what the question answers with: an object, a dictionary or a named tuple


class Given(Value):
    """A placeholder filled in when the query runs: by name, and by index in a list."""

    def __init__(self, name: str, place: int | None = None):
        super().__init__(name)
        self.name, self.place = name, place

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        return "%s", [self]

    def of(self, values: dict[str, Any]) -> Any:
        value = values[self.name]
        return value if self.place is None else value[self.place]


class Compiled(Generic[Row]):
    """`rows` builds the queryset (of objects, `values()` or named `values_list()`) from values by name:
    single values or lists. It is called once with placeholders for each set of names and list lengths, then
    the SQL is cached: it may depend on nothing else (not the language, the clock or a test's settings). A
    list is used with `in`: if it is empty, no query runs and there are no rows.

    Compare keys with keys: `child__pk__in`, not `child__in`. A locking query must run in a transaction, as
    usual.
    """

    def __init__(self, rows: Callable[..., QuerySet[Any, Row]]):
        self.rows = rows
        self.plans: dict[tuple[tuple[str, int], ...], _Plan] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """Return the rows, with `select_related` objects; values are keys, strings, booleans, dates or aware
        datetimes.
        """
        return together(self.asked(**values))[0]

    def asked(self, **values: Any) -> "Asked":
        """Return the query bound to these values, to run with others."""
        values = {
            name: [one for one in value if _may_be(one)] if isinstance(value, list) else value
            for name, value in values.items()
        }
        lists = {name: len(value) for name, value in values.items() if isinstance(value, list)}
        if not all(lists.values()) or not all(map(_may_be, values.values())):
            return Asked(None, values)
        if lists and max(lists.values()) > MOST:
            return Asked(None, values, self.rows)
        kind = tuple(sorted((name, lists.get(name, 0)) for name in values))
        plan = self.plans.get(kind)
        if plan is None:
            plan = self.plans[kind] = _Plan(
                self.rows(**{name: _given(name, lists.get(name)) for name in values})
            )
        return Asked(plan, values)

    def one(self, **values: Any) -> Row | None:
        """Return the first row, or None."""
        return next(iter(self(**values)), None)


def for_each_language(rows: Callable[..., QuerySet[Any, Row]]) -> dict[str, Compiled[Row]]:
    """Return one query per site language; `rows` takes the language first."""
    return {code: Compiled(partial(rows, code)) for code, _name in settings.LANGUAGES}


class Asked(NamedTuple):
    """A query with its values; without a plan, the queryset itself is run, or nothing."""

    plan: "_Plan | None"
    values: dict[str, Any]
    rows: Callable[..., QuerySet[Any, Any]] | None = None

    def answer(self, connection: BaseDatabaseWrapper) -> list[Any]:
        if self.plan is None:
            return list(self.rows(**self.values)) if self.rows else []
        with self.plan.send(self.values, connection) as cursor:
            found = cursor.fetchall()
        return self.plan.read(found, connection)


def together(*questions: Asked) -> list[list[Any]]:
    """Return the rows of each, run in this order: locks taken by one are held when the next runs.

    In a transaction, PostgreSQL receives all of them, with the BEGIN if it starts here, before the first
    result is read.

    Outside a transaction they run one by one: Django first checks the connection's health, and psycopg
    forgets statements prepared in a failed pipeline only on rollback.
    """
    connection = connections[DATABASE]
    planned = [one for one in questions if one.plan]
    if (
        connection.vendor != "postgresql"
        or not connection.in_atomic_block
        or len(planned) < 2
        or any(one.rows for one in questions)
    ):
        return [one.answer(connection) for one in questions]
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursors = [one.plan.send(one.values, connection) for one in planned if one.plan]
        found = iter([cursor.fetchall() for cursor in cursors])
    for cursor in cursors:
        cursor.close()
    return [one.plan.read(next(found), connection) if one.plan else [] for one in questions]


def _may_be(value: Any) -> bool:
    """Return whether a row can equal this value: nothing equals None, and a number beyond eight bytes matches
    no row.
    """
    return value is not None and (not isinstance(value, int) or -LARGEST <= value < LARGEST)


def _given(name: str, length: int | None) -> Given | list[Given]:
    return Given(name) if length is None else [Given(name, place) for place in range(length)]


class _Plan:
    """A queryset's SQL, and how its rows become objects."""

    def __init__(self, rows: Any):  # a queryset, seen from inside: its types describe what is public
        compiler = rows.query.get_compiler(using=DATABASE)
        self.query, self.compiler = (
            rows.query,
            type(compiler),
        )  # not the compiler itself: it keeps its thread's connection
        self.locks = rows.query.select_for_update
        self.sql, self.params = compiler.as_sql()
        select, whole = compiler.select, compiler.klass_info
        self.selected = [column[0] for column in select]
        self.columns = self.tuple = None
        if rows._prefetch_related_lookups or rows._known_related_objects:
            raise TypeError("what is fetched beside the rows is not compiled")
        if rows._iterable_class is ValuesIterable:
            self.columns = list(rows.query.selected)
            return
        if rows._iterable_class is NamedValuesListIterable:
            self.tuple = namedtuple("Row", rows._fields)  # type: ignore[misc]  # its fields are known when it runs
            return
        if rows._iterable_class is not ModelIterable:
            raise TypeError("neither objects, nor values(), nor a named values_list()")
        fields = whole["select_fields"]
        self.model, self.start, self.end = whole["model"], fields[0], fields[-1] + 1
        self.names = [column[0].target.attname for column in select[self.start : self.end]]
        self.related = get_related_populators(whole, select, DATABASE)  # type: ignore[call-arg]  # the stubs are of Django 6.1
        self.beside = compiler.annotation_col_map

    def send(self, values: dict[str, Any], connection: BaseDatabaseWrapper) -> CursorWrapper:
        """Execute and return the cursor."""
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        cursor = connection.cursor()
        cursor.execute(self.sql, _filled(self.params, values, connection))
        return cursor

    def read(self, rows: list[Any], connection: BaseDatabaseWrapper) -> list[Any]:
        """Return the rows as objects. Column converters belong to the connection and are cached with it."""
        kept = connection.__dict__.setdefault("_converters_of_plans", {})
        if self not in kept:
            found = self.compiler(self.query, connection, DATABASE).get_converters(self.selected)
            kept[self] = [(place, by, expression) for place, (by, expression) in found.items()]
        return [self._row(row, kept[self], connection) for row in rows]

    def _row(self, row: Any, converters: list[Any], connection: BaseDatabaseWrapper) -> Any:
        if converters:
            row = list(row)
            for place, functions, expression in converters:
                for function in functions:
                    row[place] = function(row[place], expression, connection)
        if self.columns:
            return dict(zip(self.columns, row, strict=True))
        if self.tuple:
            return self.tuple(*row)
        made = self.model.from_db(DATABASE, self.names, row[self.start : self.end])
        for populator in self.related:
            populator.populate(row, made)
        for name, place in self.beside.items():
            setattr(made, name, row[place])
        return made


class CompiledUpdate:
    """The same for updates: `rows` selects, `changes` assigns, as in `QuerySet.update`."""

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]], **changes: Any):
        self.rows, self.changes = rows, changes
        self.plan: tuple[str, tuple[Any, ...]] | None = None

    def __call__(self, **values: Any) -> int:
        """Return how many rows were changed."""
        connection = connections[DATABASE]
        if self.plan is None:
            query: Any = self.rows(**{name: Given(name) for name in values}).query.chain(UpdateQuery)
            query.add_update_values(self.changes)
            self.plan = query.get_compiler(using=DATABASE).as_sql()
        sql, params = self.plan
        with mark_for_rollback_on_error(using=DATABASE), connection.cursor() as cursor:
            cursor.execute(sql, _filled(params, values, connection))
            changed: int = cursor.rowcount
        return changed


class _Column(NamedTuple):
    """A column of an INSERT, and what need not be asked of its field for each row."""

    name: str
    field: Any
    is_as_set: bool  # the column is what the attribute says
    is_text: bool  # a text is stored as it is


_inserts: dict[type[Model], tuple[str, list[_Column]]] = {}
AS_THEY_ARE = {CharField.get_prep_value, TextField.get_prep_value}


def insert(row: One) -> One:
    """Insert a new row and set its generated key, like `save` without signals.

    Raises ValueError if it has a key.
    """
    if row.pk is not None:
        raise ValueError(row)
    kind, connection = type(row), connections[DATABASE]
    if kind not in _inserts:
        meta = row._meta
        fields = [field for field in meta.local_concrete_fields if field is not meta.pk]
        query = InsertQuery(kind)
        query.insert_values(fields, [row])
        compiler = query.get_compiler(using=DATABASE)
        compiler.returning_fields = [meta.pk]
        ((sql, _params),) = compiler.as_sql()
        _inserts[kind] = (
            sql,
            [
                _Column(field.attname, field, _is_as_set(field), type(field).get_prep_value in AS_THEY_ARE)
                for field in fields
            ],
        )
    sql, columns = _inserts[kind]
    params = []
    for name, field, is_as_set, is_text in columns:
        value = getattr(row, name) if is_as_set else field.pre_save(row, add=True)
        if value is not None and not (is_text and isinstance(value, str)):
            value = field.get_db_prep_save(value, connection)
        params.append(value)
    with mark_for_rollback_on_error(using=DATABASE), connection.cursor() as cursor:
        cursor.execute(sql, params)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, DATABASE
    return row


def _is_as_set(field: Any) -> bool:
    """Return whether a new row's column is what the attribute says; not a date that is set on saving, nor a
    field with a `pre_save` of its own.
    """
    if isinstance(field, DateField) and type(field).pre_save in {DateField.pre_save, DateTimeField.pre_save}:
        return not (field.auto_now or field.auto_now_add)
    return type(field).pre_save is Field.pre_save


def _filled(params: Iterable[Any], values: dict[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
    given = [param.of(values) if isinstance(param, Given) else param for param in params]
    return [_adapted(value, connection) if isinstance(value, (date, UUID)) else value for value in given]


def _adapted(value: date | UUID, connection: BaseDatabaseWrapper) -> Any:
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    operations = connection.ops
    return (
        operations.adapt_datetimefield_value(value)
        if isinstance(value, datetime)
        else operations.adapt_datefield_value(value)
    )
