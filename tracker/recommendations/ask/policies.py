"""Who can send, answer and escalate a request."""

import datetime

from django.db.models import Q

from tracker.accounts.models import Organisation, OrganisationQuerySet
from tracker.accounts.policies import Access, upwards
from tracker.recommendations.ask.models import Ask, AskQuerySet
from tracker.recommendations.recommendation.drafts import answered_asks
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import leads, visible_recommendations


def visible_asks(access: Access) -> AskQuerySet:
    return answered_asks(access, Ask.objects.filter(recommendation__in=visible_recommendations(access)))


def asked_organisations(item: Recommendation, on: datetime.date) -> OrganisationQuerySet:
    """The organisations above the addressee, nearest first; for a region or HMPPS also the inspected organisation."""
    above = Q(path__in=upwards(item.addressee.path)[1:])
    if item.addressee.kind != Organisation.Kind.PDU:
        above |= Q(pk=item.inspection.organisation_id)
    rows = Organisation.objects.current(on).filter(above).exclude(pk=item.addressee_id)
    return rows.order_by("-path")


def to_answer(access: Access) -> Q:
    """The asks that are this person's to answer: of where they lead, or of them by name."""
    return Q(asked_of__in=access.led_ids) | Q(person__in=access.owners)


def can_ask(access: Access, item: Recommendation) -> bool:
    return leads(access, item)


def can_answer(access: Access, ask: Ask) -> bool:
    """The lead of the organisation asked (where it has none, the lead above), and the person named."""
    return leads_asked(access, ask) or ask.person_id in access.owners


def leads_asked(access: Access, ask: Ask) -> bool:
    return ask.asked_of_id in access.led_ids


def can_pass_up(access: Access, ask: Ask) -> bool:
    """The lead of the organisation asked at any time; the lead who asked, once it is overdue."""
    return leads_asked(access, ask) or leads(access, ask.recommendation)


def can_withdraw_ask(access: Access, ask: Ask) -> bool:
    return leads(access, ask.recommendation)
