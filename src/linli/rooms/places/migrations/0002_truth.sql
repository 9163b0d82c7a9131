-- What the database itself keeps true about places.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- The same code is never valid twice on one day. Divisions and grids have codes of different lengths.
ALTER TABLE places_place ADD CONSTRAINT places_place_code_once EXCLUDE USING gist (
    code WITH =, daterange(valid_from, valid_to) WITH &&
) WHERE (code <> '');

-- A place has at most one boundary on any day.
ALTER TABLE places_boundary ADD CONSTRAINT places_boundary_once EXCLUDE USING gist (
    place_id WITH =, daterange(valid_from, valid_to) WITH &&
);

-- Buildings in view and nearest first.
CREATE INDEX places_building_point ON places_building USING gist (point(lng, lat));

-- The number of the revision comes from a sequence: a rolled back change never gives its number to another.
CREATE SEQUENCE places_revision_numbers;
INSERT INTO places_revision (id, number) VALUES (1, nextval('places_revision_numbers'));

-- Lineage and level follow from parent and kind. A place cannot be moved below itself.
CREATE FUNCTION places_set_lineage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above bigint[];
BEGIN
    IF NEW.parent_id IS NULL THEN
        NEW.lineage := ARRAY[NEW.id];
    ELSE
        SELECT lineage INTO above FROM places_place WHERE id = NEW.parent_id;
        IF NEW.id = ANY (above) THEN
            RAISE EXCEPTION 'place % cannot stand below itself', NEW.id USING ERRCODE = 'check_violation';
        END IF;
        NEW.lineage := above || NEW.id;
    END IF;
    NEW.level := CASE NEW.kind
        WHEN 'district' THEN 1 WHEN 'street' THEN 2 WHEN 'community' THEN 3
        WHEN 'grid' THEN 4 WHEN 'special' THEN 4 WHEN 'micro' THEN 5 ELSE 6 END;
    RETURN NEW;
END $$;
CREATE TRIGGER places_place_lineage BEFORE INSERT OR UPDATE OF parent_id, lineage, kind, level
    ON places_place FOR EACH ROW EXECUTE FUNCTION places_set_lineage();

-- When a place moves, everything below it moves along (each child's own update moves its children).
CREATE FUNCTION places_move_children() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE places_place SET lineage = NEW.lineage || id WHERE parent_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER places_place_children AFTER UPDATE OF parent_id, lineage ON places_place FOR EACH ROW
    WHEN (OLD.lineage IS DISTINCT FROM NEW.lineage) EXECUTE FUNCTION places_move_children();

-- Places and their boundaries are history: they end, they are not deleted.
CREATE FUNCTION places_never_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'places end on a day; they are never deleted' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER places_place_keep BEFORE DELETE ON places_place FOR EACH ROW EXECUTE FUNCTION places_never_delete();
