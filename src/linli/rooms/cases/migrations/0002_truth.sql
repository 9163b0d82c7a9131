-- The number of a case: the day of the report in China and the serial. The same as rules.case_number.
CREATE FUNCTION cases_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.number := to_char(NEW.reported_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || '-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0');
    RETURN NEW;
END $$;
CREATE TRIGGER cases_number BEFORE INSERT ON cases_case FOR EACH ROW EXECUTE FUNCTION cases_number();

-- A number given once stays; a case is never deleted.
CREATE FUNCTION cases_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a case is never deleted (%)', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.number IS DISTINCT FROM OLD.number OR NEW.reported_at <> OLD.reported_at THEN
        RAISE EXCEPTION 'number and time of a report are never changed (%)', OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_keep BEFORE DELETE OR UPDATE OF number, reported_at ON cases_case
    FOR EACH ROW EXECUTE FUNCTION cases_keep();

-- The viewport and the nearest neighbours come from core PostgreSQL's point under GiST (DOMAIN §8: 0.4 ms).
ALTER TABLE cases_case ADD COLUMN point point GENERATED ALWAYS AS (point(lng, lat)) STORED;
CREATE INDEX case_point_open ON cases_case USING gist (point) WHERE is_open;
CREATE INDEX case_point ON cases_case USING gist (point);
