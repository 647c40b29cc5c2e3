-- The columns of a table in their order, with their types, and which of them are of its primary key.
SELECT a.attname AS name,
  CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, NULL) ELSE format_type(a.atttypid, NULL) END AS type,
  COALESCE(a.attnum = ANY (p.conkey), false) AS is_key
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_constraint AS p ON p.conrelid = a.attrelid AND p.contype = 'p'
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
