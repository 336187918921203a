"""Django's management commands for developers, on the embedded server or DATABASE_URL's."""

from __future__ import annotations

import sys

from huiyin.site.configuration import ConfigurationError
from huiyin.site.running.session import database, prepare_django, use_folder


def main() -> None:
    """Run ``python -m huiyin.site.manage COMMAND``."""
    try:
        with database(use_folder(None)):
            prepare_django()
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except ConfigurationError as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
