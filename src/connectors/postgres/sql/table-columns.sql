-- The columns of a table, with the type that a domain stands for.
SELECT a.attname AS name,
  CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END AS type,
  NOT (a.attnotnull OR t.typnotnull) AS nullable,
  a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS filled,
  a.attgenerated <> '' OR a.attidentity = 'a' AS generated
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
