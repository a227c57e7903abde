#!/usr/bin/env bash
# django-modelcluster 6.5 with Django 5.2.19 (PyPI; source: modelcluster/models.py, ClusterableModel.__init__; seen 2026-11-30 with Python 3.11): each row that comes from the database goes through all fields of its model, to look for relations nobody has given.
#
# ClusterableModel lets relations be given by name when an object is made. To find them it lists the model's relations
# each time an object is made, from _meta.get_fields(). Django makes the rows of a query from values in order, where no
# relation can be, and pays for it all the same: the work grows with the number of fields, and is done for each row.
# Met on a catalogue of thirty sessions, where it was an eighth of the page. The answer of one's own: a base class
# whose __init__ goes around it when nothing is given by name.
#
# Output seen
#   a plain model of 22 fields: 32 function calls a row
#   the same as a ClusterableModel: 89 function calls a row
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/rows.py" <<'PYTHON'
import sys

import django
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
from django.db import connection, models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel


def made(name, base):
    body = {f"number{n}": models.IntegerField(default=n) for n in range(20)}
    body |= {"title": models.CharField(max_length=20), "__module__": __name__}
    body["Meta"] = type("Meta", (), {"app_label": "rows"})
    return type(name, (base,), body)


Plain, Cluster = made("Plain", models.Model), made("Cluster", ClusterableModel)


class Part(models.Model):
    cluster = ParentalKey(Cluster, on_delete=models.CASCADE, related_name="parts")

    class Meta:
        app_label = "rows"


def calls_for_a_row(model):
    with connection.schema_editor() as editor:
        editor.create_model(model)
    model.objects.bulk_create(model(title=str(n)) for n in range(200))

    def counted(rows):
        seen = [0]

        def watch(frame, event, argument):
            seen[0] += event in {"call", "c_call"}

        sys.setprofile(watch)
        list(model.objects.all()[:rows])
        sys.setprofile(None)
        return seen[0]

    counted(1)
    return round((counted(200) - counted(100)) / 100)


plain, cluster = calls_for_a_row(Plain), calls_for_a_row(Cluster)
print(f"a plain model of 22 fields: {plain} function calls a row")
print(f"the same as a ClusterableModel: {cluster} function calls a row")
sys.exit(0 if cluster > 1.5 * plain else "The behaviour has changed.")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "Django==5.2.19" "django-modelcluster==6.5" 2>/dev/null
"$folder/venv/bin/python" "$folder/rows.py"
