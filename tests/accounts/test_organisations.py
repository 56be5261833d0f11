"""Organisations are added and renamed; a report that prints an old name still finds the right one."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.base import KSS, NOON, NORTH, Cast, recommendation
from tracker.accounts.models import Alias, Organisation
from tracker.accounts.operations import add_organisation, organisation_called, rename_organisation
from tracker.history.models import Event
from tracker.history.operations import Actor, AlreadyDone, Conflict, snapshot

pytestmark = pytest.mark.django_db
KEY = uuid.UUID("0e2c8a52-6c3b-4f54-8d2a-3d9f5f3ef002")


def place(path: str) -> Organisation:
    return Organisation.objects.get(path=path)


def add(name: str, cast: Cast, *other_names: str, parent: str = KSS, key: uuid.UUID | None = None) -> Organisation:
    return add_organisation(
        name, kind="pdu", parent=place(parent), other_names=list(other_names), by=Actor(cast.admin), at=NOON, key=key
    )


def rename(path: str, name: str, cast: Cast) -> Organisation:
    held = place(path)
    return rename_organisation(held, name, by=Actor(cast.admin), at=NOON, seen_version=held.version)


def everything() -> tuple[list[object], list[object], int]:
    rows = list(Organisation.objects.order_by("pk").values())
    return [*rows], list(Alias.objects.order_by("pk").values()), Event.objects.count()


# -- add -------------------------------------------------------------------------------------------------------------
def test_an_organisation_is_added_below_another_and_that_is_on_record(cast: Cast) -> None:
    added = add("Medway PDU", cast, "Medway", "North Kent")
    held = place(f"{KSS}medway-pdu/")
    assert (held, held.name, held.kind, held.parent, held.ended_on) == (added, "Medway PDU", "pdu", place(KSS), None)
    assert {organisation_called(name) for name in ("Medway PDU", "medway", "NORTH  KENT")} == {held}
    event = Event.objects.about(held).get()
    assert (event.verb, event.actor, event.organisation_id) == ("organisation.added", cast.admin, held.pk)
    assert event.after == snapshot(held)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Hull & East Riding PDU", "hull-east-riding-pdu/"),
        ("  St. Helen's  (North) ", "st-helens-north/"),
        ("Swansea, Neath Port-Talbot", "swansea-neath-port-talbot/"),
        ("Ynys Môn PDU", "ynys-mon-pdu/"),
        ("50% / Kent_%", "50-kent/"),
        ("x" * 120, f"{'x' * 80}/"),
    ],
)
def test_a_path_is_made_of_letters_digits_and_dashes(name: str, path: str) -> None:
    assert Organisation.path_for(name, None) == path
    assert Organisation.path_for(name, place(KSS)) == KSS + path


@pytest.mark.parametrize(
    "name",
    [
        *(
            "West Kent PDU",
            "west kent pdu",
            "WEST KENT PDU",
            " West  Kent PDU ",
            "West Kent",
            "KSS",
            "kss probation region",
        ),
        "HM Prison and Probation Service",
    ],
)
def test_a_name_that_is_somebodys_name_or_other_name_is_refused(cast: Cast, name: str) -> None:
    before = everything()
    with pytest.raises(ValidationError) as refused:
        add(name, cast)
    assert "name" in refused.value.message_dict
    assert everything() == before


def test_organisation_name_is_unique_across_regions(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        add("West Kent", cast, parent=NORTH)


def test_name_with_the_same_path_is_refused(cast: Cast) -> None:
    before = everything()
    with pytest.raises(ValidationError, match="very similar name"):
        add("West-Kent: PDU", cast)
    assert everything() == before
    assert add("West-Kent: PDU", cast, parent=NORTH).path == f"{NORTH}west-kent-pdu/"


@pytest.mark.sqlite
def test_the_database_itself_keeps_names_apart(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(name="WEST KENT pdu", kind="pdu", parent=place(NORTH), path="x/")
    with pytest.raises(IntegrityError), transaction.atomic():
        Alias.objects.create(organisation=place(NORTH), name="WEST KENT")


@pytest.mark.sqlite
@pytest.mark.parametrize(("kind", "parent"), [("national", KSS), ("region", None), ("pdu", None)])
def test_only_a_national_service_has_none_above(kind: str, parent: str | None) -> None:
    above = place(parent) if parent else None
    with pytest.raises(ValidationError) as refused:
        add_organisation("Wales", kind=kind, parent=above, by=None, at=NOON)
    assert "kind" in refused.value.message_dict
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(name="Wales", kind=kind, parent=above, path="wales/")
    assert organisation_called("Wales") is None


@pytest.mark.parametrize(("kind", "parent"), [("region", KSS), ("pdu", "hmpps/"), ("pdu", f"{KSS}west-kent-pdu/")])
def test_a_region_is_below_the_nation_and_a_pdu_below_a_region(kind: str, parent: str) -> None:
    before = everything()
    with pytest.raises(ValidationError) as refused:
        add_organisation("Wales", kind=kind, parent=place(parent), by=None, at=NOON)
    assert "kind" in refused.value.message_dict
    assert everything() == before


@pytest.mark.sqlite
def test_there_is_one_national_service() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(name="Wales", kind="national", path="wales/")


@pytest.mark.parametrize("name", ["", "  ", "…", "-", "& / %", "日本"])
def test_name_needs_a_letter_or_digit(cast: Cast, name: str) -> None:
    before = everything()
    with pytest.raises(ValidationError) as refused:
        add(name, cast)
    assert "name" in refused.value.message_dict
    assert everything() == before


def test_a_form_sent_twice_adds_one(cast: Cast) -> None:
    add("Medway PDU", cast, key=KEY)
    before = everything()
    with pytest.raises(AlreadyDone):
        add("Medway PDU", cast, key=KEY)
    assert everything() == before


# -- rename ----------------------------------------------------------------------------------------------------------
def test_a_new_name_keeps_the_old_one_as_another_name_and_the_path(cast: Cast) -> None:
    held = rename(f"{KSS}west-kent-pdu/", "Maidstone and Medway PDU", cast)
    assert held.path == f"{KSS}west-kent-pdu/"
    assert (held.name, held.version) == ("Maidstone and Medway PDU", 2)
    called = {organisation_called(name) for name in ("Maidstone and Medway PDU", "West Kent PDU", "West Kent")}
    assert called == {held}
    event = Event.objects.about(held).newest_first()[0]
    assert (event.verb, event.actor) == ("organisation.renamed", cast.admin)
    assert event.changes == {"name": ["West Kent PDU", "Maidstone and Medway PDU"], "version": [1, 2]}
    assert event.after == snapshot(place(held.path))


def test_what_was_printed_keeps_the_old_name(cast: Cast) -> None:
    rename(f"{KSS}west-kent-pdu/", "Maidstone and Medway PDU", cast)
    item = recommendation(1)
    assert (item.addressee_printed, item.addressee.name) == ("West Kent PDU", "Maidstone and Medway PDU")


def test_organisation_may_return_to_its_old_name(cast: Cast) -> None:
    path = f"{KSS}west-kent-pdu/"
    for name in ("Maidstone PDU", "West Kent PDU", "Maidstone PDU"):
        held = rename(path, name, cast)
    assert held.name == "Maidstone PDU"
    assert set(held.aliases.values_list("name", flat=True)) == {"West Kent", "West Kent PDU"}


def test_an_other_name_of_its_own_may_become_the_name(cast: Cast) -> None:
    held = rename(f"{KSS}west-kent-pdu/", "west kent", cast)
    assert set(held.aliases.values_list("name", flat=True)) == {"West Kent PDU"}
    assert organisation_called("West Kent") == held


def test_other_capitals_are_a_new_name_and_no_other_name(cast: Cast) -> None:
    held = rename(f"{KSS}west-kent-pdu/", "WEST KENT PDU", cast)
    assert held.name == "WEST KENT PDU"
    assert set(held.aliases.values_list("name", flat=True)) == {"West Kent"}


@pytest.mark.parametrize("name", ["East Kent PDU", "east kent", "KSS", "North East"])
def test_the_name_of_another_is_refused(cast: Cast, name: str) -> None:
    before = everything()
    with pytest.raises(ValidationError, match="already has this name"):
        rename(f"{KSS}west-kent-pdu/", name, cast)
    assert everything() == before


def test_a_name_that_another_had_before_is_refused(cast: Cast) -> None:
    rename(f"{KSS}east-kent-pdu/", "Canterbury PDU", cast)
    with pytest.raises(ValidationError):
        rename(f"{KSS}west-kent-pdu/", "East Kent PDU", cast)
    with pytest.raises(ValidationError):
        add("East Kent PDU", cast)


def test_stale_rename_is_refused(cast: Cast) -> None:
    stale = place(f"{KSS}west-kent-pdu/")
    rename(stale.path, "Maidstone PDU", cast)
    before = everything()
    with pytest.raises(Conflict):
        rename_organisation(stale, "Medway PDU", by=Actor(cast.admin), at=NOON, seen_version=1)
    assert everything() == before


# -- called ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name", ["", " ", "Kent", "West Kent PDU.", "West%", "West_Kent", "%", "West Kent PDU East Kent PDU"]
)
def test_unknown_name_finds_nothing(name: str) -> None:
    assert organisation_called(name) is None


@pytest.mark.parametrize(
    "name",
    ["Kent, Surrey and Sussex (KSS) probation region", "KENT, SURREY, SUSSEX  (kss) Probation Service", "\tKSS\n"],
)
def test_one_region_has_many_names(name: str) -> None:
    assert organisation_called(name) == place(KSS)
