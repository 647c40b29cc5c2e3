import type { Membership, StartOffset } from '../../src/connectors/ledger'
import type { TopicPartition } from '../../src/connectors/source'
import { changeTasks } from '../../src/engine/worker/change-tasks'
import type { Slot } from '../../src/engine/worker/open-tasks'
import { ReopenError } from '../../src/engine/worker/passing'
import { Tally } from '../../src/engine/worker/tally'
import type { WantedTask } from '../../src/engine/worker/wanted-task'
import { FencedError, UnavailableError } from '../../src/errors'

const membership: Membership = { groupId: 'group', memberId: 'me', generationId: 4 }
const counts = new Map([['in', 4]])
const clock = { now: () => 0, monotonic: () => 0 }
const wanted = (...partitions: number[]): WantedTask[] =>
  partitions.map(partition => ({
    ...{ id: `0_${partition}`, partition },
    part: { sources: [{ spec: { topic: 'in' } }] } as unknown as WantedTask['part'],
  }))

/** A task whose last commit was at ten times its partition, and that still has that state. */
function slotOf(partition: number, widths: ReadonlyMap<string, number> = counts): Slot {
  const input = { topic: 'in', partition, position: partition * 10 }
  const parts = { inputs: [input], state: { isOwner: true }, plan: { direct: [] } }
  const task = { id: `0_${partition}`, partition, ...parts, rollback: () => {} }
  return { task, widths, sealed: new Map([['in', { offset: partition * 10, metadata: 'mine' }]]) } as unknown as Slot
}

const startOf = (partition: number, more: Partial<StartOffset> = {}): StartOffset => ({
  ...{ topic: 'in', partition, offset: partition * 10, metadata: 'mine', topicId: 'id' },
  ...more,
})

interface Scene {
  /** Partitions of the tasks that are at work. */
  readonly at?: readonly Slot[]
  readonly committed?: readonly StartOffset[]
  readonly known?: readonly Slot[]
}

function scene({ at = [], committed = [0, 1, 2, 3].map(each => startOf(each)), known = [] }: Scene) {
  const order: string[] = []
  const renewed: unknown[] = []
  const ids = (all: Iterable<string>) => [...all].join(' ')
  const over = { is: false, atStart: undefined as (() => void) | undefined, inQuiet: undefined as Error | undefined }
  const ledger = {
    async renew(...all: unknown[]) {
      order.push('renew')
      renewed.push(...all)
      return committed
    },
    prove: async () => void order.push('prove'),
  }
  const loop = {
    hasFailed: false,
    leave: async (gone: ReadonlySet<string>) => {
      order.push(`leave ${ids(gone)}`)
      for (const id of gone) slots.delete(id)
    },
    quietly: async (work: () => Promise<void>) => {
      order.push('quiet')
      if (over.inQuiet) throw over.inQuiet
      await work()
      order.push('loud')
    },
  }
  const broker = {
    startOffset: async ({ partition }: TopicPartition) => {
      order.push(`start of ${partition}`)
      over.atStart?.()
      return 3
    },
    topicIds: async () => new Map(),
  }
  const slots = new Map(at.map(slot => [slot.task.id, slot]))
  const parts = {
    ...{
      clock,
      tally: new Tally(clock),
      broker,
      sinks: [],
      widths: { counts },
      standbys: { take: () => undefined, keep: () => {} },
    },
    environment: { partitionCount: () => 4 },
    log: { debug: () => {}, info: () => {}, warn: (line: string) => order.push(line) },
    reader: { seek: ({ partition }: TopicPartition, to: number) => order.push(`read ${partition} from ${to}`) },
  }
  const opened: string[] = []
  const next = {
    membership,
    prepare: async () => void order.push('prepare'),
    opened: (all: Map<string, Slot>) => void opened.push(ids(all.keys())),
  }
  const events = {
    goOn: () => order.push('go on'),
    left: async () => void order.push('left'),
    arrived: (some: ReadonlyMap<string, Slot>) => order.push(`arrived ${ids(some.keys())}`),
    isOver: () => over.is,
  }
  const open = { slots, ledger }
  const knownSlots = new Map(known.map(slot => [slot.task.id, slot]))
  const change = (...partitions: number[]) =>
    changeTasks(
      { open, loop } as never,
      { ...next, wanted: wanted(...partitions) },
      knownSlots,
      parts as never,
      events as never,
    )
  return { order, renewed, over, loop, slots, opened, change }
}

describe('the next generation of a group', () => {
  it('keeps what stays at work, lets go of what goes before it takes what comes', async () => {
    const { change, order, renewed, slots, opened } = scene({ at: [slotOf(0), slotOf(1)], known: [slotOf(2)] })
    await change(1, 2)
    expect(order).toEqual([
      ...['prepare', 'renew', 'go on', 'leave 0_0', 'left'],
      ...['quiet', 'prove', 'read 2 from 20', 'arrived 0_2', 'loud'],
    ])
    expect(renewed).toEqual([membership, [1, 2].map(partition => ({ topic: 'in', partition }))])
    expect([...slots.keys()]).toEqual(['0_1', '0_2'])
    expect(opened).toEqual(['0_1 0_2'])
  })

  it('that brings and takes nothing lets the tasks go on as they are', async () => {
    const { change, order, opened } = scene({ at: [slotOf(0), slotOf(1)] })
    await change(0, 1)
    expect(order).toEqual(['prepare', 'renew', 'go on'])
    expect(opened).toEqual(['0_0 0_1'])
  })

  it('may take all tasks, and may bring the first ones', async () => {
    const last = scene({ at: [slotOf(0)] })
    await last.change()
    expect(last.order).toEqual(['prepare', 'renew', 'go on', 'leave 0_0', 'left'])
    expect(last.opened).toEqual([''])
    const first = scene({ known: [slotOf(2), slotOf(3)] })
    await first.change(2, 3)
    expect(first.opened).toEqual(['0_2 0_3'])
  })

  it.each([
    ['another offset', { offset: 11 }],
    ['the same offset by another commit', { metadata: "another's" }],
  ])('begins all tasks anew where %s is committed of one that stays', async (_, more) => {
    const { change, order, opened } = scene({ at: [slotOf(0), slotOf(1)], committed: [startOf(0), startOf(1, more)] })
    await expect(change(0, 1)).rejects.toThrow(ReopenError)
    await expect(change(0, 1)).rejects.toThrow(/tasks 0_1:/)
    expect(order).not.toContain('go on')
    expect(opened).toEqual([])
  })

  it('does not mind what is committed of a task that goes', async () => {
    const { change, opened } = scene({ at: [slotOf(0), slotOf(1)], committed: [startOf(0)] })
    await change(0)
    expect(opened).toEqual(['0_0'])
  })

  it('begins all tasks anew where one that stays was made for fewer partitions', async () => {
    const { change, order } = scene({ at: [slotOf(0), slotOf(1, new Map([['in', 3]]))] })
    await expect(change(0, 1)).rejects.toThrow(ReopenError)
    await expect(change(0, 1)).rejects.toThrow(/more partitions/)
    expect(order).not.toContain('go on')
  })

  it('looks only for where those begin that come', async () => {
    const uncommitted = (partition: number) => startOf(partition, { offset: undefined, metadata: 'mine' })
    const fresh = (partition: number) => {
      const slot = slotOf(partition)
      slot.sealed.set('in', { offset: undefined, metadata: 'mine' })
      return slot
    }
    const other = { ...uncommitted(1), topic: 'other' }
    const { change, order } = scene({
      ...{ at: [fresh(0)], known: [fresh(1)] },
      committed: [uncommitted(0), uncommitted(1), other],
    })
    await change(0, 1)
    expect(order.filter(each => each.startsWith('start of'))).toEqual(['start of 1'])
  })
})

describe('a change that is cut short', () => {
  const uncommitted = [0, 1].map(partition => startOf(partition, { offset: undefined, metadata: 'mine' }))

  it('takes nothing over, and says nothing of its tasks', async () => {
    const { change, over, slots, opened, order } = scene({ at: [slotOf(0)], known: [slotOf(1)] })
    over.is = true
    await change(0, 1)
    expect([...slots.keys()]).toEqual(['0_0'])
    expect(opened).toEqual([])
    expect(order).toEqual(['prepare', 'renew', 'go on'])
  })

  it('hides what failed of it meanwhile', async () => {
    const { change, over, opened } = scene({ known: [slotOf(1)], committed: uncommitted })
    over.atStart = () => {
      over.is = true
      throw new UnavailableError('Kafka is away')
    }
    await change(1)
    expect(opened).toEqual([])
  })

  it('hides nothing of what has failed in the loop', async () => {
    const { change, over, loop } = scene({ known: [slotOf(1)], committed: uncommitted })
    over.atStart = () => {
      loop.hasFailed = over.is = true
      throw new UnavailableError('Kafka is away')
    }
    await expect(change(1)).rejects.toThrow('Kafka is away')
  })

  it('is none where something fails before anybody cuts it short', async () => {
    const { change, over, opened } = scene({ known: [slotOf(1)] })
    over.inQuiet = new FencedError('another worker has them')
    await expect(change(1)).rejects.toThrow(FencedError)
    expect(opened).toEqual([])
  })
})
