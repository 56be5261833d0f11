from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tracker.accounts.models import Membership, User
from tracker.accounts.operations import organisation_called
from tracker.people.operations import give_role
from tracker.web.days import NotADay, day_in
from tracker.web.today import now, today


class Command(BaseCommand):
    help = (
        "Gives a person with an account a role at an organisation. Nobody has to confirm it; everybody with a say is "
        "emailed. For a role that decides where no second administrator or colleague above can confirm it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=Membership.Role.values)
        parser.add_argument("organisation", help="its name, or another name it has")
        parser.add_argument("--ends-on", default="", help="the first day without the role, such as 31/3/2027")

    def handle(self, *args: Any, email: str, role: str, organisation: str, ends_on: str, **options: Any) -> None:
        person = User.objects.filter(email=email.lower()).first()
        place = organisation_called(organisation)
        if person is None or place is None:
            raise CommandError(f"There is no {'account ' + email if person is None else organisation}.")
        try:
            last = day_in(ends_on, near=today(), is_ahead=True) if ends_on else None
            give_role(person, role=role, organisation=place, ends_on=last, by=None, at=now())
        except NotADay as error:
            raise CommandError(str(error) or "Enter a date such as 31/3/2027.") from error
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(f"{person} is now {Membership.Role(role).label.lower()} at {place}.")
