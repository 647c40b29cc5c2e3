SELECT to_regclass('weir_migrations') IS NOT NULL AS is_there
