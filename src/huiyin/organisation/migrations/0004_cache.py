"""The table of Django's database cache: limits on requests hold across all processes."""

from django.db import migrations

MAKE = """
CREATE TABLE huiyin_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX huiyin_cache_expires ON huiyin_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0003_accounts")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE huiyin_cache")]
