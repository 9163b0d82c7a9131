-- What no program may get wrong: administrators exclude posts, the last administrator stays, a matrix that
-- was in force is never changed.

-- Three administrators (三员分立): who holds or deputises a post that has not ended is no administrator.
CREATE FUNCTION people_post_excludes_administrators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.valid_to IS NULL OR NEW.valid_to > (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
    -- FOR SHARE: a role given at this very moment is waited for, then seen by the next statement.
    PERFORM 1 FROM people_account WHERE id IN (NEW.holder_id, NEW.deputy_id) FOR SHARE;
    PERFORM 1 FROM people_account
      WHERE id IN (NEW.holder_id, NEW.deputy_id) AND (admin_role <> '' OR kind <> 'staff');
    IF FOUND THEN
      RAISE EXCEPTION 'an administrator or a resident holds no post'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'people_post_excludes_administrators';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER people_post_excludes_administrators
  BEFORE INSERT OR UPDATE OF holder_id, deputy_id, valid_to ON people_post
  FOR EACH ROW EXECUTE FUNCTION people_post_excludes_administrators();

CREATE FUNCTION people_administrator_holds_no_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.admin_role <> '' OR NEW.kind <> 'staff') AND EXISTS (
    SELECT 1 FROM people_post
    WHERE (holder_id = NEW.id OR deputy_id = NEW.id)
      AND (valid_to IS NULL OR valid_to > (now() AT TIME ZONE 'Asia/Shanghai')::date)
  ) THEN
    RAISE EXCEPTION 'an administrator or a resident holds no post'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'people_post_excludes_administrators';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER people_administrator_holds_no_post
  BEFORE UPDATE OF admin_role, kind ON people_account
  FOR EACH ROW EXECUTE FUNCTION people_administrator_holds_no_post();

-- Somebody must be able to mend the house: the last active administrator of a kind stays.
CREATE FUNCTION people_last_administrator_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.admin_role <> '' AND OLD.is_active
     AND (TG_OP = 'DELETE' OR NEW.admin_role <> OLD.admin_role OR NOT NEW.is_active) THEN
    -- One at a time for each role: two who dismiss each other at once must not both succeed.
    PERFORM pg_advisory_xact_lock(hashtext('people.administrator.' || OLD.admin_role));
    IF NOT EXISTS (
      SELECT 1 FROM people_account WHERE admin_role = OLD.admin_role AND is_active AND id <> OLD.id
    ) THEN
      RAISE EXCEPTION 'the last administrator of a kind stays'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'people_last_administrator_stays';
    END IF;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER people_last_administrator_stays
  BEFORE DELETE OR UPDATE OF admin_role, is_active ON people_account
  FOR EACH ROW EXECUTE FUNCTION people_last_administrator_stays();

-- Cases name the rule that sent them: rules of an edition that is or was in force stay as they were.
CREATE FUNCTION people_matrix_in_force_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM people_matrixversion WHERE id = OLD.matrix_id AND state <> 'draft') THEN
    RAISE EXCEPTION 'rules of a matrix that was in force are not changed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'people_matrix_in_force_is_fixed';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER people_matrix_in_force_is_fixed
  BEFORE UPDATE OR DELETE ON people_responsibility
  FOR EACH ROW EXECUTE FUNCTION people_matrix_in_force_is_fixed();
