-- The attributes of a composite type, in their order.
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.oid = to_regclass($1) AND c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
