"""Where progress reported, progress checked and measures differ."""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Lower

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, Reading
from tracker.measures.queries import is_of_method
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.measure.models import MeasureLink
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Progress
from tracker.recommendations.update.models import Update

Status = Recommendation.Status


def fell() -> Q:
    """The last update says that progress went down."""
    last = Update.objects.filter(recommendation=OuterRef("pk")).order_by("-pk").values("went_down")[:1]
    return Q(pk__in=Recommendation.objects.filter(carried_by=None).alias(fell=Subquery(last)).filter(fell=True))


def moved(access: Access) -> Q:
    """Better by the reviewer's word, or by the owner's where nobody checked, than the last report that rated it found.

    Said after that report was published, as `voices` tells it of one. Nothing of a report that the person may not see.
    """
    seen = Finding.objects.filter(may_be_seen(access, "inspection__"), recommendation=OuterRef("pk"))
    last = seen.order_by("-inspection__published_to", "-pk").annotate(word=Lower("progress_printed"))

    def better(column: str) -> Q:
        above = {"no progress": (Progress.SOME, Progress.SUFFICIENT), "some progress": (Progress.SUFFICIENT,)}
        return Q(*[Q(("word", word), (f"{column}__in", higher)) for word, higher in above.items()], _connector=Q.OR)

    checked = Q(checked_on__gt=F("found_on")) & better("checked_progress")
    reported = Q(checked_on=None, reported_on__gt=F("found_on")) & better("progress")
    rows = Recommendation.objects.exclude_carried().filter(status__in=(*Recommendation.UNFINISHED, Status.SIGNED_OFF))
    rows = rows.alias(
        word=Subquery(last.values("word")[:1]), found_on=Subquery(last.values("inspection__published_to")[:1])
    )
    return Q(pk__in=rows.filter(checked | reported).values("pk"))


def unmoved(access: Access, items: Collection[Recommendation]) -> set[int]:
    """Which of these have measures with a reading to compare, and not one of them is better than its baseline.

    Compared is the latest reading of the baseline's method that has a value; another method says nothing. Two queries.
    """
    readings = Reading.objects.filter(value__isnull=False).order_by("as_of", "pk")
    links = MeasureLink.objects.filter(may_be_seen(access, "measure__inspection__"), recommendation__in=items)
    moved: dict[int, list[bool]] = {}
    for link in links.select_related("measure").prefetch_related(Prefetch("measure__readings", readings)):
        if (change := _improvement(link.measure)) is not None:
            moved.setdefault(link.recommendation_id, []).append(change > 0)
    return {pk for pk, found in moved.items() if not any(found)}


def _improvement(measure: Measure) -> Decimal | None:
    """By how much the latest comparable reading is better than the baseline; None where nothing can be compared."""
    like_it = [reading for reading in measure.readings.all() if is_of_method(reading.method, measure.baseline_method)]
    if not like_it or measure.baseline_value is None:
        return None
    value = like_it[-1].value
    assert value is not None
    rise = value - measure.baseline_value
    return rise if measure.better == Measure.Better.UP else -rise
