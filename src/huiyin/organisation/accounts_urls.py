"""Addresses of accounts, roles and permissions."""

from __future__ import annotations

from django.urls import path

from huiyin.furniture.exchange import import_pages
from huiyin.organisation.accounts_import import AccountImport
from huiyin.organisation.views import accounts, accounts_links, accounts_own

urlpatterns = [
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/add/", accounts.create_account, name="create_account"),
    path("accounts/links/", accounts_links.invite_new, name="invite_new"),
    path("accounts/<int:account>/", accounts.account, name="account"),
    path("accounts/<int:account>/change/", accounts.edit_account, name="edit_account"),
    path("accounts/<int:account>/close/", accounts.end_account, name="end_account"),
    path("accounts/<int:account>/reopen/", accounts.reopen_account, name="reopen_account"),
    path("accounts/<int:account>/unlock/", accounts.unlock_account, name="unlock_account"),
    path(
        "accounts/<int:account>/second-factor/",
        accounts.reset_second_factor,
        name="reset_second_factor",
    ),
    path("accounts/<int:account>/link/", accounts_links.invite_account, name="invite_account"),
    path("accounts/<int:account>/roles/add/", accounts.grant_role, name="grant_role"),
    path("accounts/<int:account>/rights/", accounts.rights_of_account, name="account_rights"),
    path("roles/<int:holding>/revoke/", accounts.revoke_role, name="revoke_role"),
    path("permissions/", accounts.permissions, name="permissions"),
    path("invitation/<str:key>/", accounts_links.accept_invitation, name="accept_invitation"),
    path("me/", accounts_own.my_account, name="my_account"),
    path("me/rights/", accounts_own.my_rights, name="my_rights"),
    path("me/sessions/end/", accounts_own.end_others, name="end_other_sessions"),
    path("me/tokens/add/", accounts_own.make_token, name="make_token"),
    path("me/tokens/<int:token>/revoke/", accounts_own.revoke_token, name="revoke_token"),
    *import_pages("accounts/import/", AccountImport, "import_accounts"),
]
