"""Django's management commands for developers, on the embedded server or DATABASE_URL's."""

from __future__ import annotations

import os
import sys

from huiyin.site.configuration import data_folder


def main() -> None:
    """Run ``python -m huiyin.site.manage COMMAND``."""
    if "DATABASE_URL" not in os.environ:
        from huiyin.site.embedded import start

        os.environ["DATABASE_URL"] = start(data_folder())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
