import { z } from 'zod'
import { count, list } from './common'

export const brokerRow = z.object({
  id: z.number(),
  host: z.string(),
  port: z.number(),
  controller: z.boolean(),
  leads: count.describe('partitions that it leads'),
  replicas: count.describe('replicas that it has'),
  outOfSync: count.describe('of them, those that are not in sync'),
  bytes: z.number().nullable().describe('of all replicas on its disks; null when it does not say'),
})
export type BrokerRow = z.infer<typeof brokerRow>

export const clusterView = z.object({
  id: z.string(),
  brokers: list(brokerRow),
  topics: count,
  partitions: count,
  underReplicated: count.describe('partitions with fewer replicas in sync than they have'),
  leaderless: count.describe('partitions without a leader'),
  groups: count,
})
export type ClusterView = z.infer<typeof clusterView>
