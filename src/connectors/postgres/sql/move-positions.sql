-- Moves the positions that are still ours and where we left them; one that isn't is missing in the answer.
UPDATE weir_positions AS p
SET next_offset = n.next_offset, updated_at = now()
FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[])
  AS n (topic, partition, next_offset, epoch, former_offset)
WHERE p.application = $1
  AND p.cluster_id = $2
  AND p.topic = n.topic
  AND p.partition = n.partition
  AND p.epoch = n.epoch
  AND p.next_offset = n.former_offset
RETURNING p.topic, p.partition
