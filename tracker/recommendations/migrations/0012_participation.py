from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0002_in_place_of"),
        ("recommendations", "0011_label_choices_in_plain_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Participation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("owned", "owned it"),
                            ("owned_action", "owned an action for it"),
                            ("reported", "reported on it"),
                            ("submitted", "submitted it for sign-off"),
                            ("supplied", "recorded a figure for it"),
                            ("extension", "requested or endorsed an extension of it"),
                            ("planned", "worked on its plan"),
                            ("led", "led the organisation that it is addressed to"),
                        ],
                        max_length=12,
                        verbose_name="part",
                    ),
                ),
                ("day", models.DateField(verbose_name="day in Europe/London")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "person",
                    models.ForeignKey(on_delete=models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT,
                        related_name="participations",
                        to="recommendations.recommendation",
                    ),
                ),
            ],
            options={"verbose_name": "participation", "verbose_name_plural": "participations"},
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(fields=["person", "recommendation", "at"], name="participation_by_person"),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=models.UniqueConstraint(
                fields=("recommendation", "person", "part", "day"), name="a_part_is_written_once_a_day"
            ),
        ),
        migrations.AddField(
            model_name="extension",
            name="is_exempt",
            field=models.BooleanField(default=False, editable=False, verbose_name="decided by whoever requested it"),
        ),
        migrations.AddField(
            model_name="submission",
            name="is_exempt",
            field=models.BooleanField(default=False, editable=False, verbose_name="decided by whoever submitted it"),
        ),
    ]
