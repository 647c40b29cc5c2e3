import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster'
import { findGroup } from './groups'
import { inUse, workersRun } from './reset-group'

/** A member that was killed is in the group until its session is over: 10 s unless somebody has set it. */
const patienceMs = 12_000
const lookMs = 250

/** Resolves when an application's group has no members. Throws RefusedError where it still has after a while. */
export async function awaitIdle(cluster: Cluster, group: string): Promise<void> {
  const until = performance.now() + patienceMs
  for (;;) {
    const found = await findGroup(cluster, group)
    const members = found?.members.length ?? 0
    if (members === 0) return
    if (performance.now() > until) throw inUse(group, `${workersRun(members)} (${found?.state})`)
    await sleep(lookMs)
  }
}
