"""Sentences of Django and allauth that we say better in Chinese than their own catalogues do.

Marked here only, so that the site's catalogue holds them; it is read after theirs.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

OURS = (
    _("This field is required."),
    _("Current Password"),
    _("New Password"),
    _("New Password (again)"),
    _("You must type the same password each time."),
    _("Please type your current password."),
    _("Incorrect password."),
    _("Incorrect code."),
    _("Authenticator code"),
    _("Use your password"),
    _("Use authenticator app or code"),
    _("Enter a valid date."),
    _("Enter a whole number."),
    _("Enter a number."),
    _("Ensure this value is greater than or equal to %(limit_value)s."),
    _("Ensure this value is less than or equal to %(limit_value)s."),
    _("Enter a valid email address."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
)
