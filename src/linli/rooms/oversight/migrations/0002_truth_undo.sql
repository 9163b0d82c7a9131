DROP TRIGGER oversight_keep_minutes ON oversight_minutes;
DROP FUNCTION oversight_keep_minutes();
DROP TRIGGER oversight_keep_order ON oversight_order;
DROP FUNCTION oversight_keep_order();
