from django.contrib import admin

from tracker.reminders.models import Delivery
from tracker.web.admin import ReadOnlyAdmin


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("key", "person", "day", "state", "attempts", "last_error")
    list_filter = ("state", "kind")
    list_select_related = ("person",)
    # A sign-in email contains a link that signs somebody in.
    exclude = ("body_text", "body_html")
    show_full_result_count = False
