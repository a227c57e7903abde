import courses.models.lessons
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0007_next_level_and_kept_lessons")]

    operations = [
        migrations.AlterField(
            model_name="lessonblock",
            name="drawing",
            field=models.TextField(
                blank=True,
                help_text="Blocks of Scratch or micro:bit, or a listing; shown in the reader’s language.",
                validators=[courses.models.lessons.readable],
                verbose_name="drawn blocks",
            ),
        ),
    ]
