-- The topic's id (KIP-516): one that is deleted and made again begins anew. Positions from before take the id of the topic that is there.
ALTER TABLE weir_positions ADD COLUMN topic_id text NOT NULL DEFAULT ''
