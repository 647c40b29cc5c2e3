-- Gives what users made in a database, and "weir_superuser" owns since the upgrade, to "postgres". REASSIGN OWNED refuses the first role.
DO $$
DECLARE
  found record;
BEGIN
  FOR found IN
    SELECT format('ALTER SCHEMA %I OWNER TO postgres', nspname) AS change
    FROM pg_namespace WHERE oid >= 16384 AND nspowner = 10 AND nspname !~ '^pg_'
    UNION ALL
    SELECT format('ALTER TABLE %s OWNER TO postgres', c.oid::regclass)
    FROM pg_class AS c
    WHERE c.oid >= 16384 AND c.relowner = 10 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      -- A column's own sequence goes with its table.
      AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
          AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i'))
      )
    UNION ALL
    SELECT format('ALTER ROUTINE %s OWNER TO postgres', p.oid::regprocedure)
    FROM pg_proc AS p
    WHERE p.oid >= 16384 AND p.proowner = 10
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT format('ALTER TYPE %s OWNER TO postgres', t.oid::regtype)
    FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid
    WHERE t.oid >= 16384 AND t.typowner = 10 AND t.typtype IN ('c', 'd', 'e', 'r') AND coalesce(c.relkind, 'c') = 'c'
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
  LOOP
    EXECUTE found.change;
  END LOOP;
END
$$;

