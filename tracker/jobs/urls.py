from django.urls import path

from tracker.jobs import views

app_name = "jobs"
urlpatterns = [
    path("files/", views.files, name="files"),
    path("files/<int:pk>/", views.job, name="job"),
    path("files/<int:pk>/again/", views.again, name="again"),
    path("files/<int:pk>/file/", views.file, name="file"),
]
