import type { Membership, StartOffset } from '../../connectors/ledger'
import type { ProcessLoop } from './loop/process-loop'
import {
  beginReading,
  inputsOf,
  type OpenTasks,
  overtaken,
  restoreSlots,
  type Slot,
  type WorkerParts,
} from './open-tasks'
import { ReopenError } from './passing'
import type { WantedTask } from './wanted-task'

/** What a worker has in the next generation of its group. */
export interface NextTasks {
  readonly membership: Membership
  readonly wanted: readonly WantedTask[]
  /** Called before the first record. */
  readonly prepare: () => Promise<void>
  /** The tasks are open, all of them. */
  readonly opened: (slots: Map<string, Slot>) => void
}

/** How a change is told of, and cut short. */
export interface ChangeEvents {
  /** The tasks that stay may commit again. */
  readonly goOn: () => void
  /** The tasks that go are committed and out of the loop. */
  readonly left: () => Promise<void>
  /** The tasks that come are ready, and about to be taken over. */
  readonly arrived: (slots: ReadonlyMap<string, Slot>) => void
  /** Whether tasks that are being restored aren't wanted any more. */
  readonly isOver: () => boolean
}

/**
 * From one generation to the next without a stop (KIP-429): tasks that stay go on, once it is certain that nobody has committed for them; tasks that go are
 * committed and let go; tasks that come are restored beside the others' work. `loop` is held. Throws what a new attempt has to begin with.
 */
export async function changeTasks(
  { open, loop }: { readonly open: OpenTasks; readonly loop: ProcessLoop },
  { membership, wanted, prepare, opened }: NextTasks,
  known: Map<string, Slot>,
  parts: WorkerParts,
  events: ChangeEvents,
): Promise<void> {
  const { slots, ledger } = open
  await prepare()
  const isWanted = (id: string) => wanted.some(each => each.id === id)
  const committed = await ledger.renew(membership, inputsOf(wanted, parts.environment))
  const kept = [...slots.values()].filter(({ task }) => isWanted(task.id))
  checkKept(kept, committed, parts)
  parts.log.debug(`generation ${membership.generationId}: ${kept.length} tasks go on`)
  events.goOn()
  const gone = new Set([...slots.keys()].filter(id => !isWanted(id)))
  if (gone.size > 0) {
    await loop.leave(gone)
    await events.left()
  }
  const added = wanted.filter(({ id }) => !slots.has(id))
  if (added.length > 0 && !(await add(added))) return
  opened(slots)

  /** False where it was cut short. */
  async function add(tasks: readonly WantedTask[]): Promise<boolean> {
    const inputs = inputsOf(tasks, parts.environment)
    const own = committed.filter(start =>
      inputs.some(({ topic, partition }) => topic === start.topic && partition === start.partition),
    )
    try {
      const ready = await restoreSlots(tasks, own, known, parts, events.isOver)
      if (events.isOver()) return false
      await loop.quietly(async () => {
        await beginReading(ready, ledger, parts)
        for (const [id, slot] of ready.slots) slots.set(id, slot)
        events.arrived(ready.slots)
      })
      return true
    } catch (error) {
      if (events.isOver() && !loop.hasFailed) return false
      throw error
    }
  }
}

/** Throws ReopenError where a task that stays isn't what is committed, or was made for other topics. */
function checkKept(kept: readonly Slot[], committed: readonly StartOffset[], parts: WorkerParts) {
  if (kept.some(({ widths }) => widths !== parts.widths.counts))
    throw new ReopenError('topics have more partitions than before')
  const others = overtaken(kept, committed)
  if (others.length > 0) throw new ReopenError(`tasks ${others.join(' ')}: something else is committed than was here`)
}
