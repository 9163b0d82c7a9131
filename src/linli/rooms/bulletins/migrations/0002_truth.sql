-- What was issued stays as it was issued. Only that it was withdrawn, and why, is written later.
CREATE FUNCTION bulletins_keep_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a bulletin is never deleted (%)', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.issued_at IS NOT NULL AND (
        to_jsonb(NEW) - ARRAY['state', 'version', 'ended_why', 'withdrawn_at']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'version', 'ended_why', 'withdrawn_at']
        OR NEW.state NOT IN ('issued', 'withdrawn') OR OLD.state = 'withdrawn'
    ) THEN
        RAISE EXCEPTION 'an issued bulletin is never changed (%)', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bulletins_keep_issue BEFORE DELETE OR UPDATE ON bulletins_issue
    FOR EACH ROW EXECUTE FUNCTION bulletins_keep_issue();

CREATE FUNCTION bulletins_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was kept of a bulletin is never changed (%)', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER bulletins_keep BEFORE DELETE OR UPDATE ON bulletins_kept
    FOR EACH ROW EXECUTE FUNCTION bulletins_keep();
CREATE TRIGGER bulletins_keep BEFORE DELETE OR UPDATE ON bulletins_keptpicture
    FOR EACH ROW EXECUTE FUNCTION bulletins_keep();
CREATE TRIGGER bulletins_keep BEFORE DELETE OR UPDATE ON bulletins_wording
    FOR EACH ROW EXECUTE FUNCTION bulletins_keep();
