"""Acts on accounts, the roles they hold, and how they prove who they are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

# accounts, by whoever looks after them
SEE_ACCOUNTS = act("organisation.see_accounts", _("See accounts"), changes=False)
CREATE_ACCOUNT = act("organisation.create_account", _("Create an account"), changes=True)
EDIT_ACCOUNT = act("organisation.edit_account", _("Edit an account"), changes=True)
INVITE_ACCOUNT = act("organisation.invite_account", _("Make a sign-in link"), changes=True)
IMPORT_ACCOUNTS = act("organisation.import_accounts", _("Import accounts"), changes=True)
END_ACCOUNT = act("organisation.end_account", _("Close an account"), changes=True)
REOPEN_ACCOUNT = act("organisation.reopen_account", _("Reopen an account"), changes=True)
UNLOCK_ACCOUNT = act("organisation.unlock_account", _("Lift a sign-in lock"), changes=True)
RESET_SECOND_FACTOR = act(
    "organisation.reset_second_factor", _("Take back a one-time password"), changes=True
)

# roles
GRANT_ROLE = act("organisation.grant_role", _("Grant a role"), changes=True)
REVOKE_ROLE = act("organisation.revoke_role", _("Revoke a role"), changes=True)
SEE_PERMISSIONS = act("organisation.see_permissions", _("See who may do what"), changes=False)

# one's own account
SEE_OWN_ACCOUNT = act("organisation.see_own_account", _("See one's own account"), changes=False)
END_OWN_SESSIONS = act("organisation.end_own_sessions", _("End one's other sessions"), changes=True)
MAKE_TOKEN = act("organisation.make_token", _("Make a token"), changes=True)
REVOKE_TOKEN = act("organisation.revoke_token", _("Revoke a token"), changes=True)
SIGN_IN = act("organisation.sign_in", _("Sign in"), changes=True)
FAIL_TO_SIGN_IN = act("organisation.fail_to_sign_in", _("Fail to sign in"), changes=True)
LOCK_SIGN_IN = act("organisation.lock_sign_in", _("Be locked out"), changes=True)
SIGN_OUT = act("organisation.sign_out", _("Sign out"), changes=True)
CHANGE_PASSWORD = act("organisation.change_password", _("Change one's password"), changes=True)
CHANGE_SECOND_FACTOR = act(
    "organisation.change_second_factor", _("Change one's one-time password"), changes=True
)
