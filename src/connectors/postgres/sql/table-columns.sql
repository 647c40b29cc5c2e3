SELECT attname AS name,
  CASE format_type(atttypid, atttypmod)
    WHEN 'timestamp with time zone' THEN 'timestamptz'
    ELSE format_type(atttypid, atttypmod)
  END AS type,
  NOT attnotnull AS nullable,
  atthasdef OR attidentity <> '' AS filled
FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
