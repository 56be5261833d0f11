"""Another name for the model. The table keeps its name, and nothing is written to the database."""

from django.db import migrations


class Migration(migrations.Migration):
    # All that names the model as it was called until now.
    dependencies = [
        ("history", "0002_in_place_of"),
        ("measures", "0002_label_choices_in_plain_words"),
        ("recommendations", "0014_decisions_take_two_people"),
        ("people", "0004_successors"),
        ("reviews", "0005_saved_views"),
    ]

    operations = [
        migrations.AlterModelTable(name="words", table="history_words"),
        migrations.RenameModel(old_name="Words", new_name="FreeText"),
    ]
