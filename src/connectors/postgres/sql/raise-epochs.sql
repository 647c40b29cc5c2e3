-- Takes over partitions: whoever holds a lower epoch can't commit any more. A partition without a row starts at its committed offset.
INSERT INTO weir_positions AS p (application, cluster_id, topic, partition, next_offset, epoch)
SELECT $1, $2, n.topic, n.partition, n.next_offset, 1
FROM unnest($3::text[], $4::int[], $5::bigint[]) AS n (topic, partition, next_offset)
ORDER BY n.topic, n.partition
ON CONFLICT (application, cluster_id, topic, partition)
DO UPDATE SET epoch = p.epoch + 1, updated_at = now()
RETURNING topic, partition, next_offset, epoch
