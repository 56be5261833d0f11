from django.urls import path

from tracker.exchange.views import download, pack, record

app_name = "exchange"
urlpatterns = [
    path("inspections/<int:pk>/record/", record.record, name="record"),
    path("inspections/<int:pk>/download/", download.download, name="download"),
    path("review/pack/", pack.choose_pack, name="choose_pack"),
    path("review/pack/<int:pk>/", pack.pack_page, name="pack"),
    path("review/pack/<int:pk>/word/", pack.word, name="word"),
]
