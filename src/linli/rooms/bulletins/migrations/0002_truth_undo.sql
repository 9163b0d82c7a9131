DROP TRIGGER bulletins_keep ON bulletins_wording;
DROP TRIGGER bulletins_keep ON bulletins_keptpicture;
DROP TRIGGER bulletins_keep ON bulletins_kept;
DROP FUNCTION bulletins_keep();
DROP TRIGGER bulletins_keep_issue ON bulletins_issue;
DROP FUNCTION bulletins_keep_issue();
