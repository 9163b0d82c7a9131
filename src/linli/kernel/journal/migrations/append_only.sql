-- For any table that only grows: `CREATE TRIGGER … EXECUTE FUNCTION linli_append_only()`.
CREATE FUNCTION linli_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Linli: % only grows, % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'What happened stays on record. A mistake is put right by a new entry.';
END
$$;

CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
CREATE TRIGGER journal_entry_keep BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
CREATE TRIGGER journal_batch_append_only BEFORE UPDATE OR DELETE ON journal_batch
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
CREATE TRIGGER journal_batch_keep BEFORE TRUNCATE ON journal_batch
    FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
