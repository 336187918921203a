"""Column titles as people write them: in any language of the site, with blanks and stars."""

from __future__ import annotations

import re
import unicodedata

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import override

#: What forms put behind a title to say that it must be filled in, and what unit it is in.
AROUND = re.compile(r"[\s*＊:：]|\((?:必填|选填|required|optional)\)|【(?:必填|选填)】")


def normal(title: object) -> str:
    """A title without what does not distinguish it."""
    return AROUND.sub("", unicodedata.normalize("NFKC", str(title)).casefold())


def spellings(title: str | Promise) -> set[str]:
    """A title in every language of the site, each made normal."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(normal(title))
    return found
