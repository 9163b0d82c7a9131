DROP TRIGGER linli_catalogue_rule_stays ON catalogue_filingrule;
DROP FUNCTION linli_catalogue_rule_stays();
