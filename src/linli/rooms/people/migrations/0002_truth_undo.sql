DROP TRIGGER people_matrix_in_force_is_fixed ON people_responsibility;
DROP TRIGGER people_last_administrator_stays ON people_account;
DROP TRIGGER people_administrator_holds_no_post ON people_account;
DROP TRIGGER people_post_excludes_administrators ON people_post;
DROP FUNCTION people_matrix_in_force_is_fixed();
DROP FUNCTION people_last_administrator_stays();
DROP FUNCTION people_administrator_holds_no_post();
DROP FUNCTION people_post_excludes_administrators();
