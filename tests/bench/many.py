"""More rows of the same kind: the demonstration's terms again and again, in SQL. Runs inside a tree.

`history`: 29 more times the term, each half a year earlier, so that the academy has run for 15 years;
`history10`: nine more times. `term`: nine more times on the same days, about 370 sessions at once; `term3`:
twice more. Teachers, rooms and courses stay; the copies have families and children of their own.

Needs a role that may switch triggers off (`session_replication_role`): a receipt may otherwise not be added
twice.
"""

from django.db import connection

TIMES = {"history10": (9, 182), "history": (29, 182), "term3": (2, 0), "term": (9, 0)}  # copies, days between
OFFSET = 1_000_000
PEOPLE = "academy_user"
COPIED = (
    "courses_term", PEOPLE, "account_emailaddress",
    "courses_session", "courses_session_instructors", "courses_meeting", "courses_meeting_instructors",
    "enrollments_child", "enrollments_guardianship", "enrollments_enrollment", "enrollments_placeevent",
    "enrollments_presence", "enrollments_classdiary", "enrollments_classnote", "enrollments_skillobservation",
    "enrollments_makeup", "enrollments_sessionevent", "enrollments_letter", "enrollments_consent",
    "enrollments_incident", "enrollments_receipt",
)  # fmt: skip
OWN_DAYS = {"birth_date"}
BASE = {
    PEOPLE: "NOT is_superuser AND id NOT IN (SELECT user_id FROM academy_user_groups)"
    " AND id IN (SELECT guardian_id FROM enrollments_guardianship)",
    "account_emailaddress": "user_id IN (SELECT id FROM base_academy_user)",
}


def multiply(world: str) -> None:
    """Copy the rows of the demonstration as often as this world asks for."""
    times, days = TIMES[world]
    tables = [table for table in COPIED if days or table != "courses_term"]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in tables:
            where = BASE.get(table, "true")
            cursor.execute(f"CREATE TEMP TABLE base_{table} AS SELECT id FROM {table} WHERE {where}")
            cursor.execute(f"CREATE UNIQUE INDEX ON base_{table} (id)")
        for table in tables:
            columns, values = _columns(cursor, table, set(tables), days)
            for number in range(1, times + 1):
                selected = ", ".join(value.format(number=number) for value in values)
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(columns)}) SELECT {selected} FROM {table} row"
                    f" WHERE row.id IN (SELECT id FROM base_{table})"
                )
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
        cursor.execute("SET session_replication_role = DEFAULT")
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _columns(cursor, table: str, copied: set[str], days: int) -> tuple[list[str], list[str]]:
    """Return the quoted columns of a table and the SQL of their values in copy number {number}."""
    cursor.execute(
        "SELECT a.attname, f.confrelid::regclass::text FROM pg_constraint f JOIN pg_attribute a"
        " ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]"
        " WHERE f.contype = 'f' AND f.conrelid = %s::regclass",
        [table],
    )
    leads_to = dict(cursor.fetchall())
    cursor.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
        " AND a.attnum = i.indkey[0] WHERE i.indisunique AND i.indnatts = 1 AND i.indrelid = %s::regclass",
        [table],
    )
    unique = {name for (name,) in cursor.fetchall()} | {"reference"}
    cursor.execute(
        "SELECT column_name, data_type, character_maximum_length FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER'"
        " ORDER BY ordinal_position",
        [table],
    )
    columns, values = [], []
    for name, kind, longest in cursor.fetchall():
        columns.append(f'"{name}"')
        values.append(_value(table, name, kind, longest, leads_to.get(name), name in unique, copied, days))
    return columns, values


def _value(table, name, kind, longest, leads_to, is_unique, copied, days) -> str:
    own, moved = f'row."{name}"', f"{OFFSET} * {{number}}"
    if name == "id":
        return f"{own} + {moved}"
    if leads_to in copied:
        return f"CASE WHEN {own} IN (SELECT id FROM base_{leads_to}) THEN {own} + {moved} ELSE {own} END"
    if kind == "uuid" and is_unique:
        return "gen_random_uuid()"
    if table == "enrollments_receipt" and name == "number":
        return f"{own} + {moved}"
    if is_unique and kind in {"character varying", "text"}:
        return f"CASE WHEN {own} = '' THEN {own} ELSE left('{{number}}n' || {own}, {longest or 1000}) END"
    if days and kind == "date" and name not in OWN_DAYS:
        return f"{own} - {days} * {{number}}"
    if days and kind == "timestamp with time zone":
        return f"{own} - {days} * {{number}} * interval '1 day'"
    return own
