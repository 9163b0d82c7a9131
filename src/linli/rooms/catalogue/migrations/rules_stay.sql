-- A case names the rule it was filed under. What that rule said must not change afterwards:
-- a correction is a new row, the old one goes inactive.
CREATE FUNCTION linli_catalogue_rule_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'filing rules are not deleted, they go inactive' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.rule_set_id, OLD.item_id, OLD.condition, OLD.closing_condition, OLD.limit_amount, OLD.limit_unit)
       IS DISTINCT FROM
       (NEW.rule_set_id, NEW.item_id, NEW.condition, NEW.closing_condition, NEW.limit_amount, NEW.limit_unit)
    THEN
        RAISE EXCEPTION 'filing rules are not changed, a correction is a new rule'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER linli_catalogue_rule_stays BEFORE UPDATE OR DELETE ON catalogue_filingrule
    FOR EACH ROW EXECUTE FUNCTION linli_catalogue_rule_stays();
