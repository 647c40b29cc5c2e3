import type { VitalsRecord } from './format'
import { each, of, type Shape } from './shape'

const texts = each('string')
const numbersOf = (...names: readonly string[]) => Object.fromEntries(names.map(name => [name, 'number' as const]))
const textsOf = (...names: readonly string[]) => Object.fromEntries(names.map(name => [name, 'string' as const]))

const quantiles = of(numbersOf('p50', 'p99'))
const fault = of({ ...numbersOf('atMs', 'partition', 'offset'), ...textsOf('error', 'reason', 'topic') })

const node = of({ ...textsOf('name', 'kind', 'reads?', 'writes?', 'end?'), parents: texts, stores: texts })
const store = of({
  ...textsOf('name', 'kind', 'location', 'key', 'keyTopic'),
  ...numbersOf('part?', 'width'),
  canBeAsked: 'boolean',
  'log?': of({
    ...textsOf('topic', 'holds'),
    ...numbersOf('windowMs?'),
    isStamped: 'boolean',
    'figures?': each(of({ ...textsOf('name', 'kind?'), ...numbersOf('places') })),
  }),
})

const task = of({
  ...textsOf('id', 'status'),
  ...numbersOf('part', 'partition', 'streamTimeMs', 'processed', 'rate', 'queuedBytes'),
  inputs: each(
    of({ topic: 'string', ...numbersOf('partition', 'position', 'end?', 'lag?', 'lagMs?', 'lastRecordMs?') }),
  ),
  stores: each(of({ name: 'string', ...numbersOf('entries', 'bytes?') })),
})
const step = of({
  name: 'string',
  ...numbersOf('passed', 'rate', 'errors', 'late', 'windowsClosed'),
  'lastError?': fault,
})
const end = of({
  ...textsOf('name', 'kind', 'reason?'),
  ...numbersOf('records', 'bytes', 'rate', 'queuedBytes', 'heldSinceMs?', 'skipped?'),
  ...{ 'commitMs?': quantiles, 'ageMs?': quantiles },
})

/** What readers may rely on in each kind of record, since anybody may write to a topic: all that format.ts says. What it gains later is optional. */
export const shapes: Readonly<Record<VitalsRecord['kind'], Shape>> = {
  topology: of({
    ...textsOf('application', 'epoch', 'version'),
    ...numbersOf('atMs'),
    parts: each(of({ id: 'number', nodes: each(node) })),
    stores: each(store),
    ends: each(of(textsOf('name', 'kind', 'guarantee'))),
  }),
  tally: of({
    ...textsOf('application', 'worker', 'epoch', 'version', 'host', 'state', 'reason?'),
    ...numbersOf('pid', 'startedAtMs', 'atMs', 'everyMs', 'stateSinceMs'),
    outages: each(of({ ...textsOf('service', 'reason'), sinceMs: 'number' })),
    'restoring?': of(numbersOf('records', 'share', 'leftMs')),
    tasks: each(task),
    standbys: each(of({ task: 'string', lag: 'number' })),
    nodes: each(step),
    ends: each(end),
    commits: of({ ...numbersOf('count', 'rollbacks', 'lastAtMs?', 'underWaySinceMs?'), 'ms?': quantiles }),
    process: of(numbersOf('rssBytes', 'heapBytes', 'cpu')),
  }),
  samples: of({
    ...textsOf('application', 'worker'),
    ...numbersOf('atMs'),
    nodes: each(
      of({ name: 'string', records: each(of({ ...textsOf('key', 'value'), ...numbersOf('atMs', 'timestamp') })) }),
    ),
  }),
}
