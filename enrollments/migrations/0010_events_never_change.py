"""The database itself refuses to change or delete an event. SQLite drops a table's triggers when a migration rebuilds the table: write them again then."""

from django.db import migrations

TABLES = ("enrollments_placeevent", "enrollments_sessionevent")
ACTS = ("update", "delete")


def refuse(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE OR REPLACE FUNCTION enrollments_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'events are only added'; END $$",
            params=None,
        )
    for table in TABLES:
        for act in ACTS:
            name = f"{table}_no_{act}"
            if editor.connection.vendor == "postgresql":
                what = f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION enrollments_append_only()"
            else:
                what = f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'events are only added'); END"
            editor.execute(what, params=None)


def allow(apps, editor):
    on = "" if editor.connection.vendor == "sqlite" else " ON {table}"
    for table in TABLES:
        for act in ACTS:
            editor.execute(f"DROP TRIGGER {table}_no_{act}" + on.format(table=table), params=None)


class Migration(migrations.Migration):
    dependencies = [("enrollments", "0009_offers_and_decisions")]
    operations = [migrations.RunPython(refuse, allow)]
