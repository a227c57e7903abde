"""A used link forgets its guardian, and an answer the day: neither leads to the other.

`asked_hash` is computed as enrollments.classes.surveys does. Backward, academy.backward refuses while a used link
is kept: whom it asked is gone. The first of a month stays a valid day.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils.crypto import salted_hmac

SALT = "enrollments.survey"


def forget_whom(apps, schema_editor):
    """Give each link its hash, and take the guardian from those that were used."""
    SurveyLink = apps.get_model("enrollments", "SurveyLink")
    for link in SurveyLink.objects.iterator():
        link.asked_hash = salted_hmac(
            SALT, f"{link.session_id}:{link.guardian_id}", algorithm="sha256"
        ).hexdigest()
        if link.is_used:
            link.guardian_id = None
        link.save(update_fields=["asked_hash", "guardian"])


def forget_the_day(apps, schema_editor):
    SurveyAnswer = apps.get_model("enrollments", "SurveyAnswer")
    for answer in SurveyAnswer.objects.exclude(ended_on__day=1).iterator():
        answer.ended_on = answer.ended_on.replace(day=1)
        answer.save(update_fields=["ended_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0042_showcase"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="surveylink", name="survey_once_per_guardian"),
        migrations.AddField(
            model_name="surveylink",
            name="asked_hash",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="surveylink",
            name="guardian",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="survey_links",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(forget_whom, migrations.RunPython.noop),
        migrations.RunPython(forget_the_day, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="surveylink",
            constraint=models.UniqueConstraint(
                fields=("session", "asked_hash"), name="survey_once_per_guardian"
            ),
        ),
        migrations.AddConstraint(
            model_name="surveylink",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_used", False), ("guardian", None), _connector="OR"),
                name="survey_used_names_nobody",
            ),
        ),
    ]
