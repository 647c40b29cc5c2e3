-- What a table is: undefined when there is none.
SELECT c.relkind = 'p' AS partitioned,
  pg_get_partkeydef(c.oid) AS partition_key,
  (
    SELECT array_agg(a.attname::text ORDER BY k.place)
    FROM pg_constraint AS p
    CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute AS a ON a.attrelid = p.conrelid AND a.attnum = k.attnum
    WHERE p.conrelid = c.oid AND p.contype = 'p'
  ) AS key
FROM pg_class AS c
WHERE c.oid = to_regclass($1)
