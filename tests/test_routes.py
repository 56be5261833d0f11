"""Every address of the product, asked for by each kind of person: what it answers stands here and nowhere else."""

import hashlib
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.addresses import Addresses
from tests.base import NOON, PASSWORD, Cast, recommendation, west_kent
from tests.factories import read
from tests.recommendations.planning import sent_for_routes
from tracker.accounts.models import Organisation, User
from tracker.history.operations import Actor
from tracker.recommendations.measure.operations import add_measure

HTMX = {"HX-Request": "true"}
PEOPLE = ("signed out", "nobody", "neighbour", "officer", "head", "director", "admin", "reader", "operator")
SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon", "own_store", "no_column_is_loaded_later")

# What each address answers, GET and POST with nothing in it, in the order of PEOPLE; the things asked for are West
# Kent's. 302 leads who is signed out to the sign-in, 401 says so in place.
TABLE = """
reviews:home                          302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
reviews:badge                         302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
reviews:region                        302/401 403/405 403/405 403/405 403/405 200/405 200/405 200/405 403/405
reviews:national                      302/401 403/405 403/405 403/405 403/405 403/405 403/405 200/405 403/405
reviews:assurance                     302/401 403/405 403/405 403/405 403/405 200/405 200/405 200/405 403/405
reviews:since                         302/401 403/405 403/405 403/405 403/405 200/405 200/405 200/405 403/405
reviews:press                         302/401 403/405 403/405 403/405 403/405 200/405 200/405 200/405 403/405
reviews:press_statement               302/401 403/405 403/405 403/405 403/405 200/405 200/405 200/405 403/405
reviews-saved-views                   -
reviews:views                         302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
reviews:save_view                     302/401 200/422 200/422 200/422 200/422 200/422 200/422 200/422 200/422
reviews:view                          302/401 404/405 302/405 302/405 302/405 302/405 302/405 302/405 404/405
reviews:change_view                   302/401 404/404 403/403 403/403 200/422 403/403 403/403 403/403 404/404
reviews:delete_view                   302/401 404/404 403/403 403/403 200/302 403/403 200/302 403/403 404/404
reviews:search                        302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
reviews:meetings                      302/401 403/405 200/405 403/405 200/405 200/405 403/405 403/405 403/405
reviews:open_meeting                  302/401 404/404 404/404 403/403 403/403 302/302 403/403 403/403 404/404
reviews:meeting                       302/401 404/405 404/405 404/405 200/405 200/405 404/405 404/405 404/405
reviews:talk                          302/401 404/404 404/404 404/404 200/302 200/302 404/404 404/404 404/404
reviews:close_meeting                 302/401 405/404 405/404 405/404 405/403 405/302 405/404 405/404 405/404
reviews:themes                        302/401 403/405 403/405 403/405 403/405 200/405 200/405 200/405 403/405
reviews:trend                         302/401 403/405 403/405 403/405 403/405 200/405 200/405 200/405 403/405
reviews:as_at                         302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
recommendations:inspections           302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
recommendations:inspection            302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
exchange:record                       302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations:list                  302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
recommendations:people                302/401 404/405 404/405 403/405 200/405 403/405 403/405 403/405 404/405
recommendations:detail                302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations:row                   302/401 404/405 404/405 302/405 302/405 302/405 302/405 302/405 404/405
recommendations:change                302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations-responses-and-plans   -
recommendations:respond               302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:plan                  302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations:set_plan_due          302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:fix_dates             302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:clear_plan            302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:send_plan             302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:revise_plan           302/401 404/404 404/404 403/403 200/302 403/403 403/403 403/403 404/404
recommendations:sent_plan             302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations-actions               -
recommendations:add_action            302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:action                302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations:edit_action           302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:move_action           302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:drop_action           302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:mark_done             302/401 404/404 404/404 403/403 200/302 403/403 403/403 403/403 404/404
recommendations:mark_not_done         302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:mark_blocked          302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:open_action           302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations-updates               -
recommendations:report                302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:save_unsent           302/401 405/404 405/404 405/403 405/200 405/403 405/403 405/403 405/404
recommendations:discard_unsent        302/401 405/404 405/404 405/403 405/302 405/403 405/403 405/403 405/404
recommendations-evidence              -
recommendations:add_evidence          302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:evidence              302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations:withdraw_evidence     302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations-review                -
recommendations:check                 302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:submit                302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:withdraw              302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:return                302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:sign_off              302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:sustain               302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:reopen                302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:close                 302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:correct_text          302/401 404/404 404/404 403/403 403/403 403/403 200/422 403/403 404/404
recommendations-extensions            -
recommendations:set_due               302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:correct_date          302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations:ask_extension         302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:withdraw_extension    302/401 404/404 404/404 403/403 200/302 403/403 403/403 403/403 404/404
recommendations:decide_extension      302/401 404/404 404/404 403/403 403/403 200/422 403/403 403/403 404/404
recommendations-asks                  -
recommendations:asks                  302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
recommendations:ask_page              302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations:ask                   302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:answer                302/401 404/404 404/404 403/403 403/403 403/403 403/403 403/403 404/404
recommendations:pass_up               302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:withdraw_ask          302/401 404/404 404/404 403/403 200/302 403/403 403/403 403/403 404/404
recommendations-comments              -
recommendations:comment               302/401 404/404 404/404 200/422 200/422 200/422 200/422 403/403 404/404
recommendations-lineage               -
recommendations:link_earlier          302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:confirm_lineage       302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:carry                 302/401 404/404 404/404 403/403 403/403 403/403 403/403 403/403 404/404
recommendations:unlink_successor      302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations-bulk                  -
recommendations:bulk                  302/401 403/403 200/422 403/403 200/422 403/403 403/403 403/403 403/403
measures                              -
recommendations:add_measure           302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:link_measure          302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:measure               302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
recommendations:change_measure        302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:end_measure           302/401 404/404 404/404 403/403 200/422 403/403 403/403 403/403 404/404
recommendations:figures               302/401 200/403 200/403 200/403 200/403 200/403 200/403 200/403 200/403
inspections-embargo                   -
recommendations:embargoes             302/401 403/405 403/405 403/405 403/405 403/405 200/405 403/405 403/405
recommendations:embargo               302/401 404/405 404/405 403/405 403/405 403/405 200/405 403/405 404/405
recommendations:set_embargo           302/401 404/404 404/404 403/403 403/403 403/403 200/422 403/403 404/404
recommendations:name_person           302/401 404/404 404/404 403/403 403/403 403/403 200/422 403/403 404/404
recommendations:unname_person         302/401 404/404 404/404 403/403 403/403 403/403 200/422 403/403 404/404
exchange-packs                        -
exchange:download                     302/401 404/404 404/404 200/302 200/302 200/302 200/302 200/302 404/404
exchange:choose_pack                  302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
exchange:pack                         302/401 404/405 404/405 200/405 200/405 200/405 200/405 200/405 404/405
exchange:word                         302/401 405/404 405/404 405/302 405/302 405/302 405/302 405/302 405/404
jobs-files                            -
jobs:files                            302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
jobs:job                              302/401 404/405 404/405 404/405 200/405 404/405 404/405 404/405 404/405
jobs:again                            302/401 405/404 405/404 405/404 405/302 405/404 405/404 405/404 405/404
jobs:file                             302/401 404/405 404/405 404/405 200/405 404/405 404/405 404/405 404/405
people:list                           302/401 403/405 403/405 403/405 403/405 403/405 200/405 403/405 403/405
people:add_person                     302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:person                         302/401 403/405 403/405 403/405 403/405 403/405 200/405 403/405 403/405
people:give_role                      302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:end_role                       302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:close_account                  302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:hand_over                      302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:hand_over_led                  302/401 403/405 200/405 403/405 200/405 403/405 403/405 403/405 403/405
people:hand_over_here                 302/401 403/403 404/404 403/403 404/404 403/403 403/403 403/403 403/403
people:organisations                  302/401 403/405 403/405 403/405 403/405 403/405 200/405 403/405 403/405
people:add_organisation               302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:rename_organisation            302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:end_organisation               302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people-absence                        -
people:undo_end                       302/401 403/403 403/403 403/403 403/403 403/403 200/422 403/403 403/403
people:role_requests                  302/401 403/405 403/405 403/405 403/405 403/405 200/405 403/405 403/405
people:decide_role                    302/401 404/404 404/404 404/404 404/404 404/404 200/403 404/404 404/404
people:withdraw_role_request          302/401 404/404 404/404 404/404 404/404 404/404 200/302 404/404 404/404
people:own_absence                    302/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
people:absence                        302/401 404/405 404/405 302/405 200/405 404/405 200/405 404/405 404/405
people:name_cover                     302/401 404/404 404/404 200/422 200/422 404/404 200/422 404/404 404/404
people:cover_people                   302/401 404/405 404/405 200/405 200/405 404/405 200/405 404/405 404/405
people:change_cover                   302/401 404/404 404/404 200/422 200/422 404/404 200/422 404/404 404/404
people:end_cover                      302/401 404/404 404/404 200/422 200/422 404/404 200/422 404/404 404/404
people:removals                       302/401 403/405 403/405 403/405 403/405 200/405 200/405 403/405 403/405
people:ask_removal                    302/401 404/404 404/404 403/403 403/403 403/403 200/422 403/403 404/404
people:decide_removal                 302/401 404/404 404/404 404/404 404/404 200/422 403/403 404/404 404/404
reminders:digest                      302/401 200/422 200/422 200/422 200/302 200/302 200/422 200/422 200/422
reminders:digest_of                   302/401 403/405 403/405 403/405 403/405 403/405 200/405 403/405 403/405
reminders:mail                        404/405 404/405 404/405 404/405 404/405 404/405 404/405 404/405 404/405
reminders:send_todays_digests         405/404 405/404 405/404 405/404 405/404 405/404 405/404 405/404 405/404
reminders:letter                      404/405 404/405 404/405 404/405 404/405 404/405 404/405 404/405 404/405
upkeep:health                         200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
upkeep:live                           200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
upkeep:ready                          200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
upkeep:jobs                           200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
upkeep:letters                        302/401 403/405 403/405 403/405 403/405 403/405 403/405 403/405 200/405
upkeep:send_again                     302/401 403/403 403/403 403/403 403/403 403/403 403/403 403/403 200/302
account_login                         200/200 302/302 302/302 302/302 302/302 302/302 302/302 302/302 302/302
account_logout                        302/302 200/302 200/302 200/302 200/302 200/302 200/302 200/302 200/302
account_signup                        200/200 302/302 302/302 302/302 302/302 302/302 302/302 302/302 302/302
account_inactive                      200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
account_reauthenticate                302/401 200/200 200/200 200/200 200/200 200/200 200/200 200/200 200/200
account_change_password               302/401 200/200 200/200 200/200 200/200 200/200 200/200 200/200 200/200
account_set_password                  302/401 302/302 302/302 302/302 302/302 302/302 302/302 302/302 302/302
account_reset_password                200/200 200/200 200/200 200/200 200/200 200/200 200/200 200/200 200/200
account_reset_password_done           200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
account_reset_password_from_key       200/200 200/200 200/200 200/200 200/200 200/200 200/200 200/200 200/200
account_reset_password_from_key_done  200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
"""
# Django's own pages are the operator's alone; everybody else is led to its sign-in, which refuses them (403).
ADMIN = """
admin:index                 302/302  302/302  200/200
admin:login                 302/302  403/403  302/200
admin:logout                302/302  302/302  405/302
admin:password_change       302/302  302/302  200/200
admin:password_change_done  302/302  302/302  200/405
admin:autocomplete          302/302  302/302  403/405
admin:jsi18n                302/302  302/302  200/405
admin:view_on_site          302/302  302/302  404/404
admin:app_list              302/302  302/302  200/200
/admin/(?P<url>.*)$         302/302  302/302  404/404
"""
# Whatever has a history can be read there and nothing else.
READ_ONLY = "changelist 200/200 add 403/403 history 200/200 delete 403/403 change 200/403 old 302/302"
# Where no row is yet, Django leads back to its front page.
NONE_YET = "changelist 200/200 add 403/403 history 302/302 delete 403/403 change 302/403 old 302/302"
ADMIN_MODELS = {
    "history_event": READ_ONLY,
    "accounts_user": READ_ONLY,
    "accounts_organisation": READ_ONLY,
    "accounts_membership": READ_ONLY,
    "accounts_cover": READ_ONLY,
    "inspections_inspection": READ_ONLY,
    "recommendations_recommendation": READ_ONLY,
    "measures_measure": NONE_YET,
    "recommendations_update": NONE_YET,
    "recommendations_actionplan": NONE_YET,
    "recommendations_action": NONE_YET,
    "recommendations_evidence": NONE_YET,
    "recommendations_extension": NONE_YET,
    "recommendations_submission": NONE_YET,
    "recommendations_ask": NONE_YET,
    "reminders_delivery": READ_ONLY,
}
OPEN = {
    *("account_login", "account_logout", "account_signup", "account_inactive", "account_reset_password"),
    *("account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done"),
    *("reminders:mail", "reminders:send_todays_digests", "reminders:letter"),  # only where everything is made up
    *("upkeep:health", "upkeep:live", "upkeep:ready", "upkeep:jobs", "admin:login"),
}
# Tables that come and go with signing in, and say nothing about anybody.
NOT_OURS = ("sessions", "contenttypes", "admin")
# What is kept for whoever opens a page: what the badge counted last, and when they looked at the overview; and what
# somebody had made for themself.
KEPT = ("reviews.WaitingCount", "reviews.LastLook", "reviews.SavedView", "jobs.Job")


def expected() -> dict[str, list[str]]:
    """By route, what each of PEOPLE gets."""
    lines = [line.split() for line in TABLE.strip().splitlines()]
    # A heading of the table ends in a dash.
    found = {words[0]: words[1:] for words in lines if words[-1] != "-"}
    for line in ADMIN.strip().splitlines():
        name, signed_out, ordinary, operator = line.split()
        found[name] = [signed_out, *[ordinary] * 7, operator]
    for model, line in ADMIN_MODELS.items():
        words = line.split()
        for verb, operator in zip(words[::2], words[1::2], strict=True):
            app, _, noun = model.partition("_")
            name = f"/admin/{app}/{noun}/<path:object_id>/" if verb == "old" else f"admin:{model}_{verb}"
            found[name] = ["302/401", *["302/302"] * 7, operator]
    return found


def routes() -> Iterator[tuple[str, str, bool]]:
    """Each route's name (where it has none, its pattern), its pattern, and whether one must be signed in."""

    def walk(resolver: URLResolver, before: str, space: str) -> Iterator[tuple[str, str, bool]]:
        for one in resolver.url_patterns:
            pattern = before + str(one.pattern)
            if isinstance(one, URLPattern):
                closed = getattr(one.callback, "login_required", True)
                yield (f"{space}{one.name}" if one.name else pattern), pattern, closed
            else:
                yield from walk(one, pattern, space + (f"{one.namespace}:" if one.namespace else ""))

    return walk(get_resolver(), "/", "")


@pytest.fixture(autouse=True)
def things(cast: Cast) -> None:
    sent_for_routes(cast)
    add_measure(recommendation(4), by=Actor(cast.head), at=NOON, name="Cases supervised", unit="%", better="up")


def person(cast: Cast, who: str) -> User | None:
    """None for who is signed out; the operator has no role, and may open Django's own pages."""
    if who == "operator":
        return User.objects.create_superuser("operator@example.test", "Operator", PASSWORD)
    return None if who == "signed out" else getattr(cast, who)


def test_every_route_stands_in_the_table() -> None:
    names = [name for name, _pattern, _closed in routes()]
    assert len(names) == len(set(names))
    assert set(names) == set(expected())


def test_only_these_pages_are_open_without_signing_in() -> None:
    assert {name for name, _pattern, closed in routes() if not closed} == OPEN


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_answers_each_person_as_the_table_says(cast: Cast, who: str) -> None:
    someone, addresses = person(cast, who), Addresses(cast)
    client = Client(raise_request_exception=False)
    answers, wrong = {}, []
    for name, pattern, _closed in routes():
        path, said = addresses.of(pattern), []
        for method in (client.get, client.post):
            if someone is not None and "_auth_user_id" not in client.session:
                client.force_login(someone)
            answer = method(path)
            said.append(str(answer.status_code))
            wrong += [f"{name}: {fault}" for fault in faults(answer, signed_in=someone is not None)]
        answers[name] = "/".join(said)
    assert answers == {name: said[PEOPLE.index(who)] for name, said in expected().items()}
    assert wrong == []


def faults(answer: HttpResponseBase, *, signed_in: bool) -> Iterator[str]:
    """What every answer must have, whatever it says."""
    policy = answer.get("Content-Security-Policy") or ""
    if answer.get("Content-Disposition"):
        if not policy.startswith("sandbox;") or answer.get("X-Content-Type-Options") != "nosniff":
            yield "hands out a file that may run"
        policy = "script-src 'self'"
    if signed_in and answer.get("Cache-Control") != "no-store":
        yield "may be kept"
    if "script-src 'self'" not in policy:
        yield "no policy"
    if "unsafe-inline" in policy or "unsafe-eval" in policy:
        yield "runs what stands in the page"
    if answer.status_code >= 500:
        yield f"failed with {answer.status_code}"


def fingerprints() -> dict[str, tuple[int, str]]:
    """Of every table of ours, how many rows it has and a hash over all of them."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label not in NOT_OURS and model._meta.label not in KEPT:
            rows = list(model._default_manager.order_by("pk").values_list())
            if model is User:
                # Signing in is written down.
                rows = list(User.objects.order_by("pk").values_list("pk", "email", "name", "is_active", "password"))
            found[model._meta.label] = len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


@pytest.mark.parametrize(
    ("who", "headers"),
    [
        ("reader", {}),
        ("supplier", {}),
        ("inspector", HTMX),
        ("nobody", HTMX),
        *(pytest.param(who, HTMX, marks=pytest.mark.full) for who in ("reader", "supplier")),
        *(pytest.param(who, {}, marks=pytest.mark.full) for who in ("inspector", "nobody")),
    ],
)
def test_read_only_roles_cannot_write(cast: Cast, who: str, headers: dict[str, str]) -> None:
    item, place = recommendation(4), Organisation.objects.get(name="West Kent PDU")
    typed = {"version": "1", "name": "Changed", "email": "new@example.test", "role": "lead", "kind": "pdu"}
    typed |= {"organisation": str(place.pk), "parent": str(place.parent_id), "request_key": str(uuid.uuid4())}
    row = {"version": "1", "owner": f"{who}@example.test", "due_on": "1/12/2026", "progress": "some"}
    typed |= {f"r{item.pk}-{name}": value for name, value in (row | {"what_changed": "Ours."}).items()}
    client = Client(raise_request_exception=False)
    client.force_login(getattr(cast, who))
    addresses = Addresses(cast)
    before = fingerprints()
    assert before["recommendations.Recommendation"][0] == 19
    for name, pattern, _closed in routes():
        if not name.startswith("account_"):
            for method in (client.post, client.put, client.patch, client.delete):
                assert method(addresses.of(pattern), typed, headers=headers).status_code < 500, name
            client.force_login(getattr(cast, who))
    assert fingerprints() == before


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("head", "/people/", 403),
        ("head", "/review/", 403),
        ("head", "/recommendations/99999/", 404),
        ("head", "/nowhere/", 404),
        ("nobody", "/inspections/1/", 404),
    ],
)
def test_refusals_are_parts_for_htmx_and_pages_without(
    signed_in: SignedIn, cast: Cast, who: str, path: str, status: int
) -> None:
    path = path.replace("/inspections/1/", f"/inspections/{west_kent().pk}/")
    client = signed_in(who)
    part, page = client.get(path, headers=HTMX), client.get(path)
    assert part.status_code == page.status_code == status
    assert ("data-error-part" in part.text, "<html" in part.text) == (True, False)
    assert ("data-error-part" in page.text, "<html" in page.text) == (False, True)
    assert read(part).one(role="alert").text
    assert read(page).one("h1").text == read(part).one("h2").text
