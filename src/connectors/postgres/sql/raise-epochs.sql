-- Takes over partitions: whoever holds a lower epoch can't commit any more. A partition without a row starts at its committed
-- offset, and so does one whose position is of another topic of that name. An id that isn't known ('') is the other's.
WITH given AS (
  SELECT * FROM unnest($3::text[], $4::text[], $5::int[], $6::bigint[]) AS n (topic, topic_id, partition, next_offset)
), former AS (
  SELECT p.topic, p.partition, p.topic_id
  FROM weir_positions AS p
  JOIN given USING (topic, partition)
  WHERE p.application = $1 AND p.cluster_id = $2
)
INSERT INTO weir_positions AS p (application, cluster_id, topic, topic_id, partition, next_offset, epoch)
SELECT $1, $2, topic, topic_id, partition, next_offset, 1
FROM given
ORDER BY topic, partition
ON CONFLICT (application, cluster_id, topic, partition)
DO UPDATE SET
  epoch = p.epoch + 1,
  updated_at = now(),
  topic_id = CASE EXCLUDED.topic_id WHEN '' THEN p.topic_id ELSE EXCLUDED.topic_id END,
  next_offset = CASE
    WHEN p.topic_id = '' OR EXCLUDED.topic_id IN ('', p.topic_id) THEN p.next_offset
    ELSE EXCLUDED.next_offset
  END
RETURNING
  topic,
  partition,
  next_offset,
  epoch,
  topic_id,
  (SELECT f.topic_id FROM former AS f WHERE f.topic = p.topic AND f.partition = p.partition) AS former_id
