-- The columns of all tables in the search path that may be read, partitions left out, and which of them are of the primary key.
SELECT n.nspname || '.' || c.relname AS table, a.attname AS name,
  CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, NULL) ELSE format_type(a.atttypid, NULL) END AS type,
  COALESCE(a.attnum = ANY (p.conkey), false) AS is_key
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY (current_schemas(false))
  -- A point within a name is taken for the one behind the schema.
  AND strpos(n.nspname || c.relname, '.') = 0 AND has_table_privilege(c.oid, 'SELECT')
ORDER BY c.relname, a.attnum
LIMIT 20000
