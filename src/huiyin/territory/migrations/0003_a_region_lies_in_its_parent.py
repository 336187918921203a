"""What plain constraints cannot say of regions, and the index that finds parts of names."""

from django.db import migrations

LIES_IN_ITS_PARENT = """
CREATE FUNCTION territory_stem(code varchar, level smallint) RETURNS varchar
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT left(code, (ARRAY[2, 4, 6, 9, 12, 15])[level])::varchar $$;

-- A region is smaller than the one it lies in, and its code begins with that one's digits. Where
-- the check is deferred, what counts is the row as it is by then.
CREATE FUNCTION territory_lies_in_its_parent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE inner_code varchar; outer_code varchar;
BEGIN
    SELECT me.code, parent.code INTO inner_code, outer_code
    FROM territory_region me JOIN territory_region parent ON parent.id = me.parent_id
    WHERE me.id = NEW.id
      AND (parent.level >= me.level
           OR NOT starts_with(me.code, territory_stem(parent.code, parent.level)));
    IF NOT FOUND AND TG_OP = 'UPDATE' THEN
        SELECT child.code, me.code INTO inner_code, outer_code
        FROM territory_region me JOIN territory_region child ON child.parent_id = me.id
        WHERE me.id = NEW.id
          AND (child.level <= me.level
               OR NOT starts_with(child.code, territory_stem(me.code, me.level)))
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'region % does not lie in region %', inner_code, outer_code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'region_lies_in_its_parent';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER region_lies_in_its_parent
AFTER INSERT OR UPDATE OF code, level, parent_id ON territory_region
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW EXECUTE FUNCTION territory_lies_in_its_parent();
"""

NO_PARENT_CHECK = """
DROP TRIGGER region_lies_in_its_parent ON territory_region;
DROP FUNCTION territory_lies_in_its_parent();
DROP FUNCTION territory_stem(varchar, smallint);
"""

# Names are searched anywhere in them, without pg_trgm: an index on the pairs of characters.
PAIRS_OF_NAMES = """
CREATE FUNCTION territory_pairs(name varchar) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE pairs text[] := '{}';
BEGIN
    FOR at IN 1 .. length(name) - 1 LOOP
        pairs := pairs || substr(name, at, 2);
    END LOOP;
    RETURN pairs;
END $$;

CREATE INDEX region_name_pairs ON territory_region USING gin (territory_pairs(name));
"""

NO_PAIRS = "DROP INDEX region_name_pairs; DROP FUNCTION territory_pairs(varchar);"


class Migration(migrations.Migration):
    dependencies = [("territory", "0002_history_populations_maps")]

    operations = [
        migrations.RunSQL(LIES_IN_ITS_PARENT, NO_PARENT_CHECK),
        migrations.RunSQL(PAIRS_OF_NAMES, NO_PAIRS),
    ]
