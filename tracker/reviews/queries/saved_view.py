"""What a saved view asks the list for, for whoever opens it."""

from django.db.models import QuerySet
from django.http import QueryDict

from tracker.accounts.models import Membership, Organisation
from tracker.accounts.policies import Access, upwards
from tracker.recommendations.listing.forms import FILTERED
from tracker.recommendations.listing.queries import ORDERS, RecommendationList
from tracker.reviews.models import SavedView

# Of an address of the list; the page of it that somebody was on is nothing to be kept.
FILTER = ("q", "addressee", "owner", *(field.column for field in FILTERED), "mark")
MINE = "mine"
# The most views one person can save.
MOST = 100


def kept(params: QueryDict) -> str:
    """The filter and the order of an address of the list, in one spelling; "" where it asks for nothing."""
    query = QueryDict(mutable=True)
    for name in FILTER:
        values = [value for value in map(str, params.getlist(name)) if value][:20]
        if values:
            query.setlist(name, values if name == "mark" else values[-1:])
    sort = str(params.get("sort", ""))
    if query and sort in ORDERS:
        query["sort"] = sort
    return query.urlencode()


def can_be_asked(access: Access, query: str) -> bool:
    """Whether the list knows what to do with it, for this person."""
    form = RecommendationList(access, QueryDict(query)).form
    return bool(form.used) and not form.errors


def in_words(access: Access, query: str) -> list[str]:
    return RecommendationList(access, QueryDict(query)).form.used


def query_for(access: Access, view: SavedView) -> str:
    """For others "I am the owner" means whoever shared the view."""
    query = QueryDict(view.query, mutable=True)
    marks = query.getlist("mark")
    if view.person_id == access.user.pk or MINE not in marks:
        return view.query
    owner = str(view.person_id)
    if query.get("owner", owner) != owner:
        # Another's, and at the same time their own: that is nothing.
        return ""
    query.setlist("mark", [mark for mark in marks if mark != MINE])
    query["owner"] = owner
    return query.urlencode()


def places_to_share(access: Access) -> QuerySet[Organisation]:
    """The region of each role of their own that is not only the reader's; HMPPS for who has one there."""
    own = [held for held in access.held if held.for_id is None and held.role not in Membership.READ_ONLY]
    nation = Organisation.Kind.NATIONAL
    regions = {path for held in own for path in upwards(held.path)}
    rows = Organisation.objects.filter(path__in=regions).exclude(kind=Organisation.Kind.PDU).order_by("path")
    at_nation = any(held.kind == nation for held in own)
    return rows if at_nation else rows.exclude(kind=nation)
