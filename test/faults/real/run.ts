import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../../src/errors'
import { sensorsJob as job } from '../../../src/sensors/audit/sensors-job'
import { endPlaces, hanging, placeFaults } from './audit/end-places'
import type { Found } from './audit/follower'
import type { Kind } from './kinds/kind'
import type { Scene } from './scene'
import type { RoundResult, Tally } from './tally'

/** After the last fault everything has to be committed within, without help, ms: waiting for a session, a start and a restore on a slow machine. */
const RECOVERY_LIMIT_MS = 120_000
const STORY_LINES = 25

/** One fault, and what is there afterwards held against the log. */
export async function runRound(scene: Scene, kind: Kind, tally: Tally): Promise<RoundResult> {
  const kills = scene.kills
  const { repeated } = scene.live
  let [what, recoveryMs] = ['', Number.NaN]
  const wrongs: string[] = []
  let found: Partial<Found> = {}
  try {
    await scene.fill()
    const struck = await kind.strike(scene)
    what = struck.what
    if (struck.missed) wrongs.push(`the fault never struck, so that this was no round of it: ${what}`)
    for (const slot of scene.slots) slot.heal()
    recoveryMs = await scene.recovered(RECOVERY_LIMIT_MS)
    found = await look(scene)
  } catch (error) {
    wrongs.push(error instanceof Error ? error.message : String(error))
  }
  const { peakMb, wrong: large } = scene.memory()
  wrongs.push(...large, ...scene.wrongs.splice(0), ...scene.takeGivenUp())
  const result = tally.add({
    ...{ id: kind.id, peakMb, recoveryMs, kills: scene.kills - kills, repeated: scene.live.repeated - repeated },
    ...{ readings: found.readings ?? 0, windows: found.windows ?? 0 },
    ...{ lost: found.lost ?? [], doubled: found.doubled ?? [], wrong: [...(found.wrong ?? []), ...wrongs] },
  })
  tell(scene, kind, what, result)
  return result
}

/** All that can be looked at while everything runs. */
async function look(scene: Scene, isEnd = false): Promise<Found> {
  const { follower, live } = scene
  const found = await answered(() => follower.look(isEnd))
  const messages = await live.look(found.logs)
  const stale: string[] = []
  for (const rollup of job.rollups)
    stale.push(...(await live.stale(rollup.name, follower.checks.get(rollup)?.newest() ?? new Map())))
  return { ...found, lost: [...found.lost, ...messages.lost], wrong: [...found.wrong, ...messages.wrong, ...stale] }
}

/** Nobody strikes any more: a service that doesn't answer in time is asked again, as the machine may be busy. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + RECOVERY_LIMIT_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof UnavailableError) || performance.now() > deadline) throw error
      await sleep(1_000)
    }
  }
}

/** Ends everything in order, and looks at what is left. What keeps it from that is wrong, too. */
export async function lastLook(scene: Scene, tally: Tally): Promise<void> {
  const wrongs: string[] = []
  let found: Partial<Found> = {}
  try {
    await scene.settle()
    const hangs = await answered(() => hanging(scene.cluster))
    wrongs.push(...hangs)
    wrongs.push(...placeFaults(await answered(() => endPlaces(scene.ends))))
    // Whoever reads committed records waits for what hangs, and for ever.
    if (hangs.length === 0) found = await look(scene, true)
  } catch (error) {
    wrongs.push(error instanceof Error ? error.message : String(error))
  }
  wrongs.push(...scene.wrongs.splice(0), ...scene.takeGivenUp())
  const { readings = 0, windows = 0, lost = [], doubled = [], wrong = [] } = found
  tally.end({ readings, windows }, [...lost, ...doubled, ...wrong, ...wrongs])
}

function tell({ options, slots }: Scene, { id }: Kind, what: string, result: RoundResult): void {
  const { lost, doubled, wrong, recoveryMs, readings, windows, repeated, peakMb } = result
  const bad = [...lost, ...doubled, ...wrong]
  const seconds = (recoveryMs / 1000).toFixed(1)
  options.tell(
    `${id} ${bad.length === 0 ? 'right' : 'WRONG'}: ${seconds} s, ${readings} readings, ${windows} windows, ${repeated} repeated, ${peakMb} MB; ${what}`,
  )
  for (const each of bad) options.tell(`  ${each.slice(0, 1_500)}`)
  if (bad.length === 0) return
  for (const { name, worker } of slots)
    for (const line of worker?.lines.slice(-STORY_LINES) ?? []) options.tell(`    ${name}: ${line.slice(0, 400)}`)
}
