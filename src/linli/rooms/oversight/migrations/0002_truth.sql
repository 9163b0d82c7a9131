-- A number given once stays, an issued order is never deleted, issued minutes never change.
CREATE FUNCTION oversight_keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an order is never deleted (%)', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.number IS NOT NULL AND (NEW.number IS DISTINCT FROM OLD.number OR NEW.serial <> OLD.serial) THEN
        RAISE EXCEPTION 'the number of an order is never changed (%)', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER oversight_keep_order BEFORE DELETE OR UPDATE OF number, serial, year, district_id ON oversight_order
    FOR EACH ROW EXECUTE FUNCTION oversight_keep_order();

CREATE FUNCTION oversight_keep_minutes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'issued minutes are never changed (%)', OLD.number USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER oversight_keep_minutes BEFORE DELETE OR UPDATE ON oversight_minutes
    FOR EACH ROW EXECUTE FUNCTION oversight_keep_minutes();

-- Cases that were under way before anybody supervised them: their lights are looked at from now on.
INSERT INTO oversight_casewatch (case_id, light, next_at)
SELECT id, '', due_at - (due_at - coalesce(clock_from, registered_at)) * 0.25 FROM cases_case
WHERE is_open AND due_at IS NOT NULL;
