from typing import Any

from django.core.management.base import BaseCommand

from tracker.accounts.models import User
from tracker.upkeep.demo import PASSWORD, PEOPLE


class Command(BaseCommand):
    help = "Says who can sign in to a demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        here = set(User.objects.filter(is_demo=True, is_active=True).values_list("email", flat=True))
        width = max(len(person.email) for person in PEOPLE)
        for person in PEOPLE:
            if person.email in here:
                self.stdout.write(f"  {person.email:<{width}}  {person.name}: {person.may}")
        if here:
            self.stdout.write(f"  The password of each is {PASSWORD}")
