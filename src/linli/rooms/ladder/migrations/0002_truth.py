"""What the database itself keeps of ladders: an edition that was in force stays as it was, a stay is never deleted."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION ladder_tier_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text;
BEGIN
    SELECT state INTO kept FROM ladder_ladder
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.ladder_id ELSE OLD.ladder_id END;
    IF kept <> 'draft' THEN
        RAISE EXCEPTION 'the tiers of a ladder that was in force are kept as they were'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ladder_tier_fixed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ladder_tier_fixed BEFORE INSERT OR UPDATE OR DELETE ON ladder_tier
    FOR EACH ROW EXECUTE FUNCTION ladder_tier_fixed();

CREATE FUNCTION ladder_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR NEW.state = 'draft'
        OR (NEW.district_id, NEW.edition, NEW.name_zh, NEW.name_en, NEW.everyday, NEW.legacy_after_days,
            NEW.major_reports, NEW.major_level, NEW.activated_at)
        IS DISTINCT FROM (OLD.district_id, OLD.edition, OLD.name_zh, OLD.name_en, OLD.everyday, OLD.legacy_after_days,
            OLD.major_reports, OLD.major_level, OLD.activated_at)) THEN
        RAISE EXCEPTION 'a ladder that was in force is kept as it was'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ladder_fixed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ladder_fixed BEFORE UPDATE OR DELETE ON ladder_ladder FOR EACH ROW EXECUTE FUNCTION ladder_fixed();

CREATE FUNCTION ladder_stay_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.left_at IS NOT NULL THEN
        RAISE EXCEPTION 'a stay is never deleted, nor changed once it was left (%)', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ladder_stay_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ladder_stay_kept BEFORE UPDATE OR DELETE ON ladder_stay FOR EACH ROW EXECUTE FUNCTION ladder_stay_kept();
"""
BACKWARDS = """
DROP TRIGGER ladder_stay_kept ON ladder_stay; DROP FUNCTION ladder_stay_kept;
DROP TRIGGER ladder_fixed ON ladder_ladder; DROP FUNCTION ladder_fixed;
DROP TRIGGER ladder_tier_fixed ON ladder_tier; DROP FUNCTION ladder_tier_fixed;
"""


class Migration(migrations.Migration):
    dependencies = [("ladder", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
