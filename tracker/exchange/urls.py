from django.urls import path

from tracker.exchange.views import pack

app_name = "exchange"
urlpatterns = [
    path("review/pack/", pack.choose_pack, name="choose_pack"),
    path("review/pack/<int:pk>/", pack.pack_page, name="pack"),
    path("review/pack/<int:pk>/word/", pack.word, name="word"),
]
