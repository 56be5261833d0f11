from django.urls import path

from tracker.people.views import cover, organisation, removal, role_request
from tracker.people.views import people as views

app_name = "people"
urlpatterns = [
    path("people/", views.people, name="list"),
    path("people/add/", views.add_person, name="add_person"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/give-role/", views.give_role, name="give_role"),
    path("people/<int:pk>/roles/<int:role>/end/", views.end_role, name="end_role"),
    path("people/<int:pk>/close/", views.close_account, name="close_account"),
    path("people/<int:pk>/hand-over/", views.hand_over, name="hand_over"),
    path("hand-over/", views.hand_over_led, name="hand_over_led"),
    path("hand-over/<int:pk>/", views.hand_over_here, name="hand_over_here"),
    path("people/organisations/", organisation.organisations, name="organisations"),
    path("people/organisations/add/", organisation.add_organisation, name="add_organisation"),
    path("people/organisations/<int:pk>/rename/", organisation.rename_organisation, name="rename_organisation"),
    path("people/organisations/<int:pk>/end/", organisation.end_organisation, name="end_organisation"),
    path("people/organisations/ended/<int:pk>/undo/", organisation.undo_end, name="undo_end"),
    path("people/role-requests/", role_request.role_requests_page, name="role_requests"),
    path("people/role-requests/<int:pk>/", role_request.decide_role, name="decide_role"),
    path("people/role-requests/<int:pk>/withdraw/", role_request.withdraw_role_request, name="withdraw_role_request"),
    path("absence/", cover.own_absence, name="own_absence"),
    path("absence/<int:pk>/", cover.absence, name="absence"),
    path("absence/<int:pk>/cover/", cover.name_cover, name="name_cover"),
    path("absence/<int:pk>/people/", cover.people, name="cover_people"),
    path("covers/<int:pk>/change/", cover.change_cover, name="change_cover"),
    path("covers/<int:pk>/end/", cover.end_cover, name="end_cover"),
    path("removals/", removal.removals, name="removals"),
    path("removals/ask/<int:pk>/", removal.ask_removal, name="ask_removal"),
    path("removals/<int:pk>/", removal.decide_removal, name="decide_removal"),
]
