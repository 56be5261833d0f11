from typing import Any

from django.core.management.base import BaseCommand

from tracker.recommendations.models import Extension, Submission


class Command(BaseCommand):
    help = "Lists decisions that were taken by whoever asked for them, before that was made impossible."

    def handle(self, *args: Any, **options: Any) -> None:
        extensions = Extension.objects.filter(is_exempt=True)
        submissions = Submission.objects.filter(is_exempt=True)
        shown = ("recommendation__inspection", "decided_by")
        rows: list[Extension | Submission] = [*extensions.select_related(*shown), *submissions.select_related(*shown)]
        for row in rows:
            what = f"{row.recommendation.title}, {row.recommendation.inspection}"
            self.stdout.write(f"{row._meta.verbose_name} {row.pk} by {row.decided_by} on {row.decided_on}: {what}")
        if not rows:
            self.stdout.write("No decision was taken by whoever asked for it.")
