-- The table that holds rows of a day: its partition, else the DEFAULT one, else the table itself; and its length in pages.
SELECT name, pg_relation_size(name::regclass) / current_setting('block_size')::int AS pages
FROM (SELECT coalesce(to_regclass($1), to_regclass($2), to_regclass($3))::text AS name) AS leaf
