"""The database itself refuses to delete a receipt or to change what it says; the payer's name may be forgotten."""

from django.db import migrations

TABLE = "enrollments_receipt"
WHEN = {
    "delete": "BEFORE DELETE",
    "update": "BEFORE UPDATE OF year, number, reference, amount, method, corrects_id, reason, recorded_by_ref, at, form_key",
}


def refuse(apps, editor):
    postgres = editor.connection.vendor == "postgresql"
    if postgres:
        editor.execute(
            "CREATE OR REPLACE FUNCTION enrollments_receipts_stay() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'receipts never change'; END $$",
            params=None,
        )
    for act, when in WHEN.items():
        does = "EXECUTE FUNCTION enrollments_receipts_stay()" if postgres else "BEGIN SELECT RAISE(ABORT, 'receipts never change'); END"
        editor.execute(f"CREATE TRIGGER {TABLE}_no_{act} {when} ON {TABLE} FOR EACH ROW {does}", params=None)


def allow(apps, editor):
    on = "" if editor.connection.vendor == "sqlite" else f" ON {TABLE}"
    for act in WHEN:
        editor.execute(f"DROP TRIGGER {TABLE}_no_{act}{on}", params=None)


class Migration(migrations.Migration):
    dependencies = [("enrollments", "0012_till")]
    operations = [migrations.RunPython(refuse, allow)]
