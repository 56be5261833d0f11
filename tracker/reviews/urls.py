from django.urls import path

from tracker.reviews.views import as_at, assurance, home, region

app_name = "reviews"
urlpatterns = [
    path("", home.home, name="home"),
    path("review/", region.region, name="region"),
    path("review/assurance/", assurance.assurance, name="assurance"),
    path("as-at/", as_at.as_at, name="as_at"),
]
