DROP TRIGGER cases_number ON cases_case;
DROP TRIGGER cases_keep ON cases_case;
DROP FUNCTION cases_number();
DROP FUNCTION cases_keep();
ALTER TABLE cases_case DROP COLUMN point;
