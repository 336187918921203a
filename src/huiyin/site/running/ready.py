"""Before web and worker start: the database as this version wants it, static files in place.

Run by ``huiyin serve`` in a process of its own, so that the one that watches stays small.
"""

from __future__ import annotations

import sys

from huiyin.site.configuration import ConfigurationError
from huiyin.site.running.session import ToldAlready, prepare_django, problems_told
from huiyin.site.running.words import CannotRun


def main(migrate: bool) -> None:
    """Make the site ready to be served.

    Args:
        migrate: change the database; otherwise only look, because it is somebody else's server.

    Raises:
        CannotRun: the database lacks migrations.
    """
    prepare_django()
    from huiyin.site.running import migrating

    with problems_told():
        if migrate:
            migrating.apply()
        elif missing := migrating.pending():
            raise CannotRun(
                f"The database lacks {len(missing)} changes of this version. Make a backup, then"
                " run: huiyin migrate",
                f"数据库缺少本版本的 {len(missing)} 项变更。请先备份，然后执行：huiyin migrate",
            )
        migrating.collect_static()


if __name__ == "__main__":
    try:
        main(migrate="--migrate" in sys.argv)
    except ToldAlready:
        sys.exit(1)
    except ConfigurationError as wrong:
        sys.exit(f"huiyin: {wrong}")
