-- The rights on a table that the role of this connection lacks.
SELECT current_user AS role, string_agg(n.name, ', ' ORDER BY n.place) AS rights
FROM unnest($2::text[]) WITH ORDINALITY AS n (name, place)
WHERE NOT has_table_privilege(to_regclass($1), n.name)
HAVING count(*) > 0
