-- Moves the positions that are still ours; a partition that is missing in the answer has another owner.
UPDATE weir_positions AS p
SET next_offset = n.next_offset, updated_at = now()
FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[]) AS n (topic, partition, next_offset, epoch)
WHERE p.application = $1
  AND p.cluster_id = $2
  AND p.topic = n.topic
  AND p.partition = n.partition
  AND p.epoch = n.epoch
  AND p.next_offset <= n.next_offset
RETURNING p.topic, p.partition
