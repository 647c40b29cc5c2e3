-- The schema registry's own database, beside sensors_db.
CREATE DATABASE registry;
