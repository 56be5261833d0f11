from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0013_who_had_a_part")]

    operations = [
        migrations.AddConstraint(
            model_name="extension",
            constraint=models.CheckConstraint(
                condition=Q(is_exempt=True) | Q(state="withdrawn") | Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="an_extension_takes_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=Q(is_exempt=True)
                | Q(outcome="withdrawn")
                | Q(decided_by=None)
                | ~Q(decided_by=F("submitted_by")),
                name="a_decision_takes_two_people",
            ),
        ),
    ]
