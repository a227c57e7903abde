"""A letter keeps the keys of the 3D prints it names. For letters already written, they are read from its links."""

from django.db import migrations, models

KINDS = ("print_ready", "print_not_ready")


def read_links(apps, schema_editor):
    """Name the prints that were ready when a letter linked to their projects."""
    letters = apps.get_model("enrollments", "Letter").objects.filter(kind__in=KINDS)
    jobs = apps.get_model("enrollments", "PrintJob").objects
    for letter in letters.iterator():
        mine = jobs.filter(file__project__child=letter.child_id, asked_at__lte=letter.written_at)
        if letter.kind == "print_ready":
            mine = mine.filter(ready_at__lte=letter.written_at)
        rows = mine.order_by("pk").values_list("pk", "file__project")
        keys = [str(key) for key, project in rows if f"/family/projects/{project}/" in letter.body]
        if keys:
            letter.prints = f",{','.join(keys)},"
            letter.save(update_fields=["prints"])


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0046_letters_by_state"),
    ]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="prints",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(read_links, migrations.RunPython.noop),
    ]
