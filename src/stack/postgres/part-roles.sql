-- Upgrades data whose role "postgres" is the superuser: that one is renamed to "weir_superuser", and a new "postgres" without its
-- power owns the databases. Run in the database "postgres" by a server of one process; a second run changes nothing.
DO $$
DECLARE
  found record;
BEGIN
  IF (SELECT rolname FROM pg_authid WHERE oid = 10) = 'postgres' THEN
    -- A session can't rename its own role.
    CREATE ROLE weir_renames SUPERUSER;
    SET SESSION AUTHORIZATION weir_renames;
    ALTER ROLE postgres RENAME TO weir_superuser;
    SET SESSION AUTHORIZATION weir_superuser;
    DROP ROLE weir_renames;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_authid WHERE rolname = 'postgres') THEN
    CREATE ROLE postgres LOGIN CREATEDB CREATEROLE;
    GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO postgres;
  END IF;
  -- Over TCP every password is accepted, so no role that it reaches may have this power.
  FOR found IN SELECT rolname FROM pg_authid WHERE oid <> 10 AND (rolsuper OR rolreplication) LOOP
    EXECUTE format('ALTER ROLE %I NOSUPERUSER NOREPLICATION', found.rolname);
  END LOOP;
  FOR found IN SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' AND datdba = 10 LOOP
    EXECUTE format('ALTER DATABASE %I OWNER TO postgres', found.datname);
  END LOOP;
END
$$;

SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' AND datallowconn;

