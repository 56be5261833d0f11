"""Names with stray spaces, names that are taken, and roles for those who are gone."""

import datetime
import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from tests.base import KSS, NOON, TODAY, Cast
from tracker.accounts.models import Membership, Organisation
from tracker.accounts.operations import add_organisation, end_role, give_role, organisation_called
from tracker.history.operations import Actor
from tracker.people.operations import close_account


@pytest.mark.parametrize("name", ["West Kent", "West Kent PDU"])
def test_alias_must_be_unique(cast: Cast, name: str) -> None:
    region = Organisation.objects.get(path=KSS)
    with pytest.raises(ValidationError):
        add_organisation("Medway PDU", kind="pdu", parent=region, other_names=[name], by=Actor(cast.admin), at=NOON)


def test_stray_spaces_are_no_part_of_a_name(cast: Cast) -> None:
    region = Organisation.objects.get(path=KSS)
    added = add_organisation(" Medway  PDU ", kind="pdu", parent=region, by=Actor(cast.admin), at=NOON)
    assert organisation_called("Medway PDU") == added


def test_a_closed_account_gets_no_role(cast: Cast) -> None:
    close_account(cast.officer, by=Actor(cast.admin), at=NOON, seen_version=1)
    cast.officer.refresh_from_db()
    region = Organisation.objects.get(path=KSS)
    with pytest.raises(ValidationError, match="closed"):
        give_role(cast.officer, role="reader", organisation=region, by=Actor(cast.admin), at=NOON)


def test_the_last_lasting_administrator_stays_though_another_has_a_day_left(cast: Cast) -> None:
    top = Organisation.objects.get(path="hmpps/")
    tomorrow = TODAY + datetime.timedelta(days=1)
    Membership.objects.create(user=cast.national, organisation=top, role="administrator", ends_on=tomorrow)
    last = cast.top_admin.memberships.get()
    with pytest.raises(ValidationError, match="last administrator"):
        end_role(last, by=Actor(cast.top_admin), at=NOON, seen_version=last.version)


@pytest.mark.parametrize(
    "row",
    [
        {"name": "West-Kent PDU!", "kind": "pdu", "above": "KSS", "other_names": []},
        {"name": "Medway", "kind": "nonsense", "above": "KSS", "other_names": []},
    ],
)
@pytest.mark.django_db
def test_a_wrong_file_of_organisations_is_refused_in_words(row: dict[str, object], tmp_path: Path) -> None:
    file = tmp_path / "places.json"
    file.write_text(json.dumps([row]))
    with pytest.raises(CommandError):
        call_command("load_organisations", str(file))


@pytest.mark.parametrize("next_url", ["//[", "["])
@pytest.mark.django_db
def test_invalid_next_address_is_ignored(client: Client, next_url: str) -> None:
    assert client.get("/accounts/login/", {"next": next_url}).status_code == 200


@pytest.mark.django_db
def test_the_first_administrator_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    Membership.objects.filter(role="administrator").delete()
    monkeypatch.setenv("FIRST_PASSWORD", "a long enough password")
    with pytest.raises(CommandError):
        call_command("first_administrator", "nonsense")
