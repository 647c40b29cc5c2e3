-- What a table is: undefined when there is none.
SELECT pg_get_partkeydef(c.oid) AS partition_key,
  EXISTS (SELECT FROM pg_partitioned_table AS p WHERE p.partrelid = c.oid AND p.partdefid <> 0) AS has_default,
  (
    SELECT array_agg(a.attname::text ORDER BY k.place)
    FROM pg_constraint AS p
    CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute AS a ON a.attrelid = p.conrelid AND a.attnum = k.attnum
    WHERE p.conrelid = c.oid AND p.contype = 'p'
  ) AS key,
  (
    -- Every unique index that ON CONFLICT can name by its columns alone, in the order of names.
    SELECT json_agg(u.columns)
    FROM (
      SELECT array_agg(a.attname::text ORDER BY a.attname::text) AS columns
      FROM pg_index AS i
      CROSS JOIN unnest(i.indkey[:i.indnkeyatts - 1]) AS k (attnum)
      LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
        AND NOT 0 = ANY (i.indkey::int2[])
      GROUP BY i.indexrelid
    ) AS u
  ) AS unique_keys
FROM pg_class AS c
WHERE c.oid = to_regclass($1)
