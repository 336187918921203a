from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_visitor_is_taken_to_the_sign_in_page_and_back() -> None:
    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/"
