from django.urls import path

from tracker.reviews import views

app_name = "reviews"
urlpatterns = [
    path("", views.home, name="home"),
    path("review/", views.region, name="region"),
    path("review/assurance/", views.assurance, name="assurance"),
    path("as-at/", views.as_at, name="as_at"),
]
