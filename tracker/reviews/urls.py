from django.urls import path

from tracker.reviews.views import (
    as_at,
    assurance,
    home,
    meeting,
    press,
    region,
    saved_view,
    search,
    since,
    themes,
    trend,
)

app_name = "reviews"
urlpatterns = [
    path("", home.home, name="home"),
    path("badge/", home.badge, name="badge"),
    path("review/", region.region, name="region"),
    path("review/national/", region.national, name="national"),
    path("review/assurance/", assurance.assurance, name="assurance"),
    path("review/since/", since.since, name="since"),
    path("review/press/", press.press, name="press"),
    path("review/press/<int:pk>/", press.press_statement, name="press_statement"),
    # -- saved views
    path("views/", saved_view.views, name="views"),
    path("views/save/", saved_view.save_view, name="save_view"),
    path("views/<int:pk>/", saved_view.view, name="view"),
    path("views/<int:pk>/change/", saved_view.change_view, name="change_view"),
    path("views/<int:pk>/delete/", saved_view.delete_view, name="delete_view"),
    # --
    path("review/trend/", trend.trend, name="trend"),
    path("review/themes/", themes.themes, name="themes"),
    path("search/", search.search, name="search"),
    # -- meetings
    path("review/meetings/", meeting.meetings, name="meetings"),
    path("review/meetings/open/<int:pk>/", meeting.open_meeting, name="open_meeting"),
    path("review/meetings/<int:pk>/", meeting.meeting, name="meeting"),
    path("review/meetings/<int:pk>/<int:item>/", meeting.talk, name="talk"),
    path("review/meetings/<int:pk>/close/", meeting.close_meeting, name="close_meeting"),
    # --
    path("as-at/", as_at.as_at, name="as_at"),
]
