from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Words are many: their vectors are kept beside the text, and made anew by the database whenever the text changes. Of
# the printed texts only the index holds them, by the expression that Django writes for SearchVector.
FORWARDS = (
    "ALTER TABLE history_words ADD COLUMN in_english tsvector "
    "GENERATED ALWAYS AS (to_tsvector('english'::regconfig, text)) STORED",
    "CREATE INDEX words_in_english ON history_words USING gin (in_english)",
    "CREATE INDEX recommendations_in_english ON recommendations_recommendation "
    "USING gin (to_tsvector('english'::regconfig, COALESCE(text, '')))",
)
BACKWARDS = (
    "DROP INDEX recommendations_in_english",
    "ALTER TABLE history_words DROP COLUMN in_english",
)


def forwards(_apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    """On PostgreSQL only; SQLite looks through the texts."""
    if schema.connection.vendor == "postgresql":
        for statement in FORWARDS:
            schema.execute(statement)


def backwards(_apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    if schema.connection.vendor == "postgresql":
        for statement in BACKWARDS:
            schema.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0002_meetings"),
        ("history", "0002_in_place_of"),
        ("recommendations", "0010_recommendations_say_when_they_were_asked_for_before"),
    ]

    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
