-- The checks that weir has made on a table, of what an enum's column may hold.
SELECT conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE conrelid = to_regclass($1) AND contype = 'c' AND starts_with(conname, 'weir_')
