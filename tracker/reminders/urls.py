from django.urls import path

from tracker.reminders import views

app_name = "reminders"
urlpatterns = [
    path("digest/", views.digest, name="digest"),
    path("digest/of/<int:pk>/", views.digest_of, name="digest_of"),
    path("mail/", views.mail, name="mail"),
    path("mail/send-todays-digests/", views.send_todays_digests, name="send_todays_digests"),
    path("mail/<str:name>/", views.letter, name="letter"),
]
