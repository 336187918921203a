"""The web application, for a WSGI server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.site.settings")
application = get_wsgi_application()
#: Every view is read now, not with the first page: a broken one shows at the start.
PATTERNS = get_resolver().url_patterns
