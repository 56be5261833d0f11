from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tracker.upkeep.demo import PEOPLE, load_west_kent, make_people, tell_story
from tracker.web.today import now


class Command(BaseCommand):
    help = "Makes made-up people and a made-up story about West Kent. Never on a server."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demo people cannot be made on a server.")
        with transaction.atomic():
            load_west_kent(now())
            make_people(now())
            tell_story(now())
        self.stdout.write(f"{len(PEOPLE)} made-up people can sign in.")
