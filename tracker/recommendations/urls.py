from django.urls import path

from tracker.recommendations.views import comment, due, unsent, update
from tracker.recommendations.views import recommendation as views

app_name = "recommendations"
urlpatterns = [
    path("inspections/", views.inspections, name="inspections"),
    path("inspections/<int:pk>/", views.inspection, name="inspection"),
    path("recommendations/", views.recommendations, name="list"),
    path("recommendations/people/", views.people, name="people"),
    path("recommendations/<int:pk>/", views.detail, name="detail"),
    path("recommendations/<int:pk>/row/", views.row, name="row"),
    path("recommendations/<int:pk>/change/", views.change, name="change"),
    # -- responses and action plans
    #
    # -- actions
    #
    # -- updates and what is not sent yet
    path("recommendations/<int:pk>/report/", update.report, name="report"),
    path("unsent/<str:place>/", unsent.save_unsent, name="save_unsent"),
    path("unsent/<str:place>/discard/", unsent.discard_unsent, name="discard_unsent"),
    # -- evidence
    #
    # -- checks, submissions, sign-off
    #
    # -- later due dates
    path("recommendations/<int:pk>/due/", due.set_due, name="set_due"),
    path("recommendations/<int:pk>/correct-date/", due.correct_date, name="correct_date"),
    path("recommendations/<int:pk>/ask-extension/", due.ask_extension, name="ask_extension"),
    path("extensions/<int:pk>/withdraw/", due.withdraw_extension, name="withdraw_extension"),
    path("extensions/<int:pk>/decide/", due.decide_extension, name="decide_extension"),
    # -- asks
    #
    # -- comments
    path("recommendations/<int:pk>/comment/", comment.comment, name="comment"),
    # -- lineage
    #
    # -- several at once
    #
]
