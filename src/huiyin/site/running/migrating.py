"""Bring the database to this version of the program, one process at a time."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from huiyin.site.running.words import say

#: Whoever migrates holds this advisory lock ("HM").
LOCK = 0x484D << 48


def pending() -> list[str]:
    """The migrations that this version has and the database has not."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def applied() -> list[str]:
    """The migrations that the database has, sorted."""
    done = MigrationExecutor(connection).loader.applied_migrations
    return sorted(f"{app}.{name}" for app, name in done)


def apply() -> int:
    """Apply what is pending and return how many migrations that were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            count = len(pending())
            if count:
                call_command("migrate", verbosity=0, interactive=False)
            return count
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def migrate() -> int:
    """``huiyin migrate``."""
    count = apply()
    if count:
        print(say(f"The database was changed in {count} steps.", f"数据库已完成 {count} 步变更。"))
    else:
        print(say("The database is up to date.", "数据库已是最新，无需变更。"))
    return 0


def collect_static() -> None:
    """Lay the files of pages where the web server reads them."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False)
