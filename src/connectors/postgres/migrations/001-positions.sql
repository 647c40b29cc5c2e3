-- How far the tables hold a partition's records; moved in the transaction that writes them. The epoch fences former owners.
CREATE TABLE weir_positions (
  application text NOT NULL,
  cluster_id text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  epoch bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (application, cluster_id, topic, partition)
) WITH (fillfactor = 50)
