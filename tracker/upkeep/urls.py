from django.urls import path

from tracker.upkeep import views

app_name = "upkeep"
urlpatterns = [
    path("health/", views.health, name="health"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("health/jobs", views.jobs, name="jobs"),
    path("letters/", views.letters, name="letters"),
    path("letters/<int:pk>/send-again/", views.send_again, name="send_again"),
]
