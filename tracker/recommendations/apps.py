"""Has the parts that people have in recommendations written with every event."""

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "tracker.recommendations"

    def ready(self) -> None:
        from tracker.history.operations import with_every_event
        from tracker.recommendations.participation.operations import write_parts

        with_every_event.append(write_parts)
