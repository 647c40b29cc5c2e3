import { deleteGroup, planGroupDeletion } from '../../../ops/delete-group'
import { type DescribedGroup, describeGroup } from '../../../ops/describe-group'
import { UsageError } from '../../../ops/errors'
import { lagByTopic } from '../../../ops/group-lag'
import { listGroups } from '../../../ops/groups'
import { oldestUnread } from '../../../ops/oldest-unread'
import { executeReset, planReset, type ResetRow, type ResetTarget } from '../../../ops/reset-group'
import { parseWhere } from '../../../ops/where'
import type { GroupRow, GroupView } from '../../contract'
import { pageOf, sortedBy } from '../paging'
import type { Reach } from '../reach'
import { change } from './change'
import type { Handlers } from './handlers'

type GroupCalls = Pick<
  Handlers,
  | 'GET /api/groups'
  | 'GET /api/groups/:group'
  | 'GET /api/groups/:group/lag'
  | 'POST /api/groups/:group/reset'
  | 'DELETE /api/groups/:group'
>

export function groupCalls(reach: Reach): GroupCalls {
  const { cluster, sampler } = reach
  return {
    'GET /api/groups': async ({ query }) => {
      const rows = (await listGroups(cluster)).map(({ group, state }) => sampler.row(group) ?? unsampled(group, state))
      const chosen = query.warned ? rows.filter(row => row.warnings.length > 0) : rows
      return pageOf(
        sortedBy(chosen, row => row[query.sort], query.descending),
        row => row.group,
        query,
      )
    },
    'GET /api/groups/:group': async ({ params: { group } }) => viewOf(reach, await describeGroup(cluster, group)),
    'GET /api/groups/:group/lag': async ({ params: { group } }) => sampler.series(group),
    'POST /api/groups/:group/reset': ({ params: { group }, body: { topics, to, shiftBy, confirm } }) => {
      const scope =
        topics === undefined ? { allTopics: true } : { allTopics: false, topics: topics.map(withoutUndefined) }
      const plan = () => planReset(cluster, group, scope, targetOf(to, shiftBy))
      const execute = async () => {
        const rows = await plan()
        await executeReset(cluster, group, rows)
        return { group, rows: rows.map(rowOf) }
      }
      return change(reach, {
        ...{ what: 'group', name: group, confirm, execute },
        plan: async () => ({ group, rows: (await plan()).map(rowOf) }),
      })
    },
    'DELETE /api/groups/:group': ({ params: { group }, body: { topic, confirm } }) =>
      change(reach, {
        ...{ what: 'group', name: group, confirm },
        plan: () => planGroupDeletion(cluster, group, topic),
        execute: () => deleteGroup(cluster, group, topic),
      }),
  }
}

/** The row of a group that has appeared since the last survey. */
const unsampled = (group: string, state: string): GroupRow => ({
  ...{ group, state, members: 0, topics: 0, lag: null, lagTrend: null, weir: false, warnings: [], sampledAgoMs: null },
})

async function viewOf({ cluster, sampler }: Reach, described: DescribedGroup): Promise<GroupView> {
  const { group, totalLag: lag, partitions, members, state, protocolType, assignor, coordinator, weir } = described
  const lagTrend = sampler.trend(group)
  const oldestMs = await oldestUnread(cluster, partitions)
  return {
    ...{ group, state, protocolType, assignor, coordinator, weir, lag, lagTrend },
    behindMs: oldestMs === undefined ? (lag === 0 ? 0 : null) : Math.max(0, Date.now() - oldestMs),
    caughtUpInMs: lag !== null && lagTrend !== null && lagTrend < 0 ? Math.round((lag / -lagTrend) * 1000) : null,
    ...{ uncommitted: described.uncommitted, idle: described.idle, warnings: sampler.warnings(described) },
    members: members.map(({ tasks, ...member }) => ({
      ...member,
      tasks: tasks === undefined ? null : { active: tasks.active, standby: tasks.standby },
    })),
    topics: lagByTopic(described).map(({ group: _, ...row }) => row),
    partitions: partitions.map(({ group: _, consumerId, task = null, ...row }) => ({
      ...row,
      ...{ memberId: consumerId, task },
    })),
  }
}

function targetOf(to: string | undefined, shiftBy: number | undefined): ResetTarget {
  if ((to === undefined) === (shiftBy === undefined)) throw new UsageError('say where to: either "to" or "shiftBy"')
  if (to === undefined) return { shift: shiftBy ?? 0 }
  const where = parseWhere(to, Date.now())
  if (typeof where === 'object' && 'last' in where) throw new UsageError('"to" takes no -n: see "shiftBy"')
  return where
}

const rowOf = ({ group: _, ...row }: ResetRow) => row

const withoutUndefined = ({ topic, partitions }: { topic: string; partitions?: readonly number[] | undefined }) =>
  partitions === undefined ? { topic } : { topic, partitions }
