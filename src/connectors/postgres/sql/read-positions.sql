-- The positions of some partitions as they are: what a move that didn't succeed has met.
SELECT p.topic, p.partition, p.next_offset, p.epoch
FROM weir_positions AS p
JOIN unnest($3::text[], $4::int[]) AS n (topic, partition) USING (topic, partition)
WHERE p.application = $1 AND p.cluster_id = $2
