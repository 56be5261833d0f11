import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from tracker.accounts.models import Membership, Organisation, User
from tracker.people.operations import add_person
from tracker.web.today import now, today


class Command(BaseCommand):
    help = "Makes the first person of a new installation: administrator of the national service, and operator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="Administrator")

    @transaction.atomic
    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        top = Organisation.objects.filter(parent=None).first()
        if top is None:
            raise CommandError("There is no organisation yet: manage.py load_organisations FILE makes them.")
        if Membership.objects.active(today()).filter(role=Membership.Role.ADMINISTRATOR).exists():
            raise CommandError("There is already an administrator, who can add others on the People page.")
        if User.objects.filter(email=email.lower()).exists():
            raise CommandError("There is already an account with this address.")
        password = os.environ.get("FIRST_PASSWORD") or getpass.getpass("Password (12 characters or more): ")
        try:
            validate_email(email)
            validate_password(password, User(email=email, name=name))
            person = add_person(
                email, name=name, role=Membership.Role.ADMINISTRATOR, organisation=top, by=None, at=now()
            )
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        person.set_password(password)
        person.is_staff = person.is_superuser = True
        person.save(update_fields=["password", "is_staff", "is_superuser"])
        self.stdout.write(f"{email} can now sign in and add people.")
