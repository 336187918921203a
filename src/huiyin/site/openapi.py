"""The description of the API as a file, so that a change of it is seen in review.

python -m huiyin.site.openapi          # renew docs/openapi.json
python -m huiyin.site.openapi --check  # fail where the file is not what the code says
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def described() -> str:
    """The description as the file holds it, in English and with sorted keys."""
    from django.core.serializers.json import DjangoJSONEncoder
    from django.utils.translation import override

    from huiyin.site.api import api

    with override("en"):
        schema = json.loads(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder))
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Renew the file, or check it; the exit status."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.site.settings")
    django.setup()
    wanted = described()
    if "--check" in arguments:
        return 0 if FILE.exists() and FILE.read_text("utf-8") == wanted else 1
    FILE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
