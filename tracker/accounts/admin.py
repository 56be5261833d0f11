from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group

from tracker.accounts.models import Cover, Membership, Organisation, User
from tracker.web.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("name", "email", "is_active", "is_staff", "last_login")
    search_fields = ("name", "email")
    exclude = ("password",)


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "path", "ended_on")
    search_fields = ("name",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "role", "organisation", "ends_on")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")


@admin.register(Cover)
class CoverAdmin(ReadOnlyAdmin):
    list_display = ("person", "cover", "from_on", "until_on", "ended_on")
    list_select_related = ("person", "cover")


# Groups give no rights here. An email address added by hand would give access to somebody's account.
admin.site.unregister(Group)
if admin.site.is_registered(EmailAddress):
    admin.site.unregister(EmailAddress)
