from django.urls import path

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
    #
    # -- evidence
    #
    # -- checks, submissions, sign-off
    #
    # -- later due dates
    #
    # -- asks
    #
    # -- comments
    #
    # -- lineage
    #
    # -- several at once
    #
]
