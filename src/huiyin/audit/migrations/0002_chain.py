"""The chain: lanes, numbers and hashes, kept by the database itself."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import huiyin.audit.models

#: Before this migration events were not chained; no installation had any that count.
FORGET = "DELETE FROM audit_event"

BIGRAMS = """
-- Pairs of neighbouring letters: an index over them finds any part of a Chinese label.
CREATE FUNCTION audit_bigrams(label text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(label), place, 2)), '{}')
    FROM generate_series(1, length(label) - 1) AS place
$$;
"""
NO_BIGRAMS = "DROP FUNCTION audit_bigrams(text)"

CHAIN = """
-- The chain of events, kept by the database itself.
--
-- Every event stands in one of several lanes. A transaction takes a lane that nobody holds, keeps
-- it to its end, and appends all its events there: acts that have nothing to do with each other run
-- side by side, and a rollback leaves no gap because the number is read from the lane's last event.
-- (lane, number) is unique, so a lane cannot fork, whatever the isolation level.

CREATE FUNCTION audit_take_lane() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
    -- The lane that this transaction holds already; forgotten with it, and with its savepoint.
    held text := current_setting('huiyin.lane', true);
    -- Start at another lane in each session, so that sessions seldom meet.
    start integer := pg_backend_pid();
    taken smallint;
BEGIN
    IF held <> '' THEN
        SELECT number INTO taken FROM audit_lane WHERE number = held::smallint FOR UPDATE;
        IF FOUND THEN RETURN taken; END IF;
    END IF;
    FOR attempt IN 1..25 LOOP
        SELECT number INTO taken FROM audit_lane
        ORDER BY (number + start) % 16 LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN FOUND;
        -- All are held. Whichever is let go first will do, so look again before waiting for one.
        PERFORM pg_sleep(0.002);
    END LOOP;
    IF taken IS NULL THEN
        -- Now wait in the open, where the server's search for deadlocks sees us.
        SELECT number INTO taken FROM audit_lane
        WHERE number = (SELECT number FROM audit_lane ORDER BY (number + start) % 16 LIMIT 1)
        FOR UPDATE;
    END IF;
    IF taken IS NULL THEN
        RAISE EXCEPTION 'the audit has no lanes: apply the migrations';
    END IF;
    PERFORM set_config('huiyin.lane', taken::text, true);
    RETURN taken;
END
$$;

-- Give a new event its lane, number, time and hashes. What the caller wrote there is overwritten.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    head audit_lane%ROWTYPE;
    last audit_event%ROWTYPE;
BEGIN
    NEW.lane := audit_take_lane();
    -- A new statement, hence a new snapshot: what was committed before we got the lane is seen.
    SELECT * INTO head FROM audit_lane WHERE number = NEW.lane;
    SELECT * INTO last FROM audit_event WHERE lane = NEW.lane ORDER BY number DESC LIMIT 1;
    -- The head lags behind within a transaction. Where it is ahead, the lane's end was cut off:
    -- go on from the head, so that the gap stays to be found.
    IF last.number IS NULL OR head.length >= last.number THEN
        NEW.number := head.length + 1;
        NEW.previous := head.hash;
    ELSE
        NEW.number := last.number + 1;
        NEW.previous := last.hash;
    END IF;
    -- The moment of recording, not of the transaction's beginning: in a lane time never runs back,
    -- even if the machine's clock is set back.
    NEW.at := greatest(clock_timestamp(), last.at);
    NEW.hash := encode(sha256(convert_to(jsonb_build_object(
        'at', to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'id', NEW.id, 'act', NEW.act, 'key', NEW.key, 'kind', NEW.kind, 'lane', NEW.lane,
        'actor', NEW.actor, 'after', NEW.after, 'label', NEW.label, 'before', NEW.before,
        'format', 1, 'number', NEW.number, 'region', NEW.region, 'address', NEW.address,
        'previous', NEW.previous, 'actor_name', NEW.actor_name
    )::text, 'UTF8')), 'hex');
    RETURN NEW;
END
$$;

-- At the end of the transaction the lane's head moves to the last event appended.
CREATE FUNCTION audit_move_head() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM FROM audit_event WHERE lane = NEW.lane AND number = NEW.number + 1;
    IF NOT FOUND THEN
        UPDATE audit_lane SET length = NEW.number, hash = NEW.hash WHERE number = NEW.lane;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Heads move forward, from within the chain's own trigger, and in no other way.
CREATE FUNCTION audit_guard_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.length = 0 AND NEW.hash = repeat('0', 64) THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 AND NEW.number = OLD.number
        AND NEW.length > OLD.length THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'the heads of the audit are moved by its events alone: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_event_chain BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_chain();
CREATE CONSTRAINT TRIGGER audit_event_head AFTER INSERT ON audit_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_move_head();
CREATE TRIGGER audit_event_keep BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_event_whole BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_lane_guard BEFORE INSERT OR UPDATE ON audit_lane
    FOR EACH ROW EXECUTE FUNCTION audit_guard_head();
CREATE TRIGGER audit_lane_keep BEFORE DELETE ON audit_lane
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_lane_whole BEFORE TRUNCATE ON audit_lane
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Both write what the role that serves the site need not be able to write. They run as the owner,
-- and so with a path on which nobody else can put a table in front.
DO $$
DECLARE
    path text := format('%I, pg_temp', current_schema());
BEGIN
    EXECUTE 'ALTER FUNCTION audit_chain() SET search_path = ' || path;
    EXECUTE 'ALTER FUNCTION audit_move_head() SET search_path = ' || path;
END
$$;
"""
UNCHAIN = """
-- Take the chain's machinery away again; the events stay.
DROP TRIGGER audit_event_chain ON audit_event;
DROP TRIGGER audit_event_head ON audit_event;
DROP TRIGGER audit_event_keep ON audit_event;
DROP TRIGGER audit_event_whole ON audit_event;
DROP TRIGGER audit_lane_guard ON audit_lane;
DROP TRIGGER audit_lane_keep ON audit_lane;
DROP TRIGGER audit_lane_whole ON audit_lane;
DROP FUNCTION audit_chain, audit_move_head, audit_refuse, audit_guard_head, audit_take_lane;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.RunSQL(BIGRAMS, NO_BIGRAMS),
        migrations.CreateModel(
            name="Lane",
            fields=[
                (
                    "number",
                    models.SmallIntegerField(
                        primary_key=True, serialize=False, verbose_name="Lane"
                    ),
                ),
                ("length", models.BigIntegerField(default=0, verbose_name="Events")),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                        verbose_name="Hash of the last event",
                    ),
                ),
            ],
            options={
                "verbose_name": "lane",
                "verbose_name_plural": "lanes",
                "ordering": ("number",),
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="event",
            name="hash",
            field=models.CharField(
                db_default="", editable=False, max_length=64, verbose_name="Hash"
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="lane",
            field=models.SmallIntegerField(db_default=0, editable=False, verbose_name="Lane"),
        ),
        migrations.AddField(
            model_name="event",
            name="number",
            field=models.BigIntegerField(
                db_default=0, editable=False, verbose_name="Number in the lane"
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="previous",
            field=models.CharField(
                db_default="",
                editable=False,
                max_length=64,
                verbose_name="Hash of the event before",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["at", "id"], name="audit_event_at"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor", "id"], name="audit_event_actor"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor_name", "id"], name="audit_event_name"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["act", "id"], name="audit_event_act"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["address", "id"], name="audit_event_address"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["kind", "key", "id"], name="audit_event_thing"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["region", "id"],
                name="audit_event_region",
                opclasses=("varchar_pattern_ops", "int8_ops"),
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=django.contrib.postgres.indexes.GinIndex(
                huiyin.audit.models.Bigrams("label"), name="audit_event_label"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("lane", "number"), name="audit_event_place"),
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
