-- Whether weir's own table is there, which `weir migrate` makes.
SELECT to_regclass('weir_positions') IS NOT NULL AS is_there
