from django.urls import path

from tracker.reviews.views import as_at, assurance, home, region, search, since

app_name = "reviews"
urlpatterns = [
    path("", home.home, name="home"),
    path("review/", region.region, name="region"),
    path("review/national/", region.national, name="national"),
    path("review/assurance/", assurance.assurance, name="assurance"),
    path("review/since/", since.since, name="since"),
    path("search/", search.search, name="search"),
    path("as-at/", as_at.as_at, name="as_at"),
]
