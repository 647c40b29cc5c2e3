/**
 * The floors of the house, from the ground up: what a room may import, beside itself. `test/house-rules.test.ts` refuses the rest, and
 * `npm run rooms` draws it.
 */
const ends = ['connectors/requests', 'connectors/kafka', 'connectors/mqtt', 'connectors/postgres', 'connectors/memory']
const below = {
  base: [
    'checked-options',
    'errors',
    'header-lists',
    'log',
    'names',
    'nearest',
    'outages',
    'record',
    'required',
    'tls',
  ],
  codecs: 'checked-options errors header-lists log names nearest outages record required tls codecs connectors'.split(
    ' ',
  ),
}
/** What each room may import, beside itself; `types`: only as types. */
export const rooms: Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }> = {
  errors: { values: [] },
  record: { values: [] },
  'header-lists': { values: [], types: ['record'] },
  log: { values: [] },
  names: { values: [] },
  required: { values: [] },
  nearest: { values: ['required'] },
  'checked-options': { values: ['errors', 'nearest'] },
  version: { values: [] },
  'setting-names': { values: ['nearest'] },
  outages: { values: ['log'] },
  tls: { values: ['errors'] },
  'setting-files': { values: ['errors', 'setting-names'] },
  'kafka-security': { values: ['errors', 'tls'] },
  'kafka-settings': { values: ['checked-options', 'kafka-security'] },
  dotenv: { values: ['errors', 'setting-names'] },
  config: {
    values: 'errors nearest stack dotenv setting-names setting-files kafka-security kafka-settings tls'.split(' '),
  },
  codecs: { values: below.base, types: ['schemas'] },
  state: { values: [...below.base, 'codecs'] },
  dsl: {
    values: ['checked-options', 'errors', 'names', 'required'],
    types: ['codecs', 'connectors', 'record', 'state'],
  },
  operators: { values: [...below.base, 'state', 'codecs', 'dsl'] },
  connectors: { values: [...below.base, 'codecs'] },
  'connectors/requests': { values: [...below.base, 'connectors'] },
  ...Object.fromEntries(ends.slice(1).map(end => [end, { values: [...below.codecs, 'connectors/requests'] }])),
  'connectors/kafka': { values: [...below.codecs, 'connectors/requests', 'kafka-settings'] },
  vitals: { values: ['errors', 'log', 'names', 'outages', 'record', 'connectors'] },
  engine: { values: [...below.codecs, 'connectors/requests', 'operators', 'state', 'dsl'], types: ['vitals'] },
  app: { values: [...below.codecs, ...ends, 'engine', 'dsl', 'config', 'version'] },
  ops: { values: [...below.codecs, 'connectors/kafka', 'state'], types: ['schemas'] },
  dashboard: { values: [...below.codecs, 'connectors/kafka', 'connectors/postgres', 'ops', 'vitals', 'version'] },
  light: { values: [...below.codecs, 'connectors/kafka'] },
  stack: { values: [] },
  create: { values: ['errors', 'nearest', 'version'] },
  testing: { values: [...below.codecs, ...ends, 'engine', 'operators', 'state', 'dsl'] },
  cli: {
    values: [
      ...below.codecs,
      ...ends,
      ...'testing engine app ops vitals dashboard stack config dotenv setting-names setting-files kafka-security dsl schemas version create'.split(
        ' ',
      ),
    ],
  },
  sensors: {
    values: [
      ...below.codecs,
      ...ends,
      ...'engine app ops vitals dashboard state dsl stack config dotenv cli schemas'.split(' '),
    ],
  },
  client: { values: ['errors', 'connectors', 'connectors/requests', 'connectors/kafka', 'engine'] },
  ends: { values: ['errors', 'log', 'outages', 'record', 'connectors'] },
  index: { values: [...below.codecs, ...ends, 'dsl', 'engine', 'app'] },
}

/**
 * The wings of the larger rooms, from the ground up: files of a wing import from their own and from those before it. Files that lie in the
 * room itself stand above all its wings, or below where `ground` names them.
 */
export const wings: Readonly<Record<string, readonly string[]>> = {
  engine: ['plan/passes', 'plan', 'picture', 'task', 'queries', 'worker', 'observe', 'grow'],
  cli: ['shared', 'dev', 'programs', 'verbs', 'shell'],
  dsl: ['graph', 'face', 'steps', 'impl'],
  'connectors/kafka': ['protocol', 'wire', 'group', 'read', 'write'],
  sensors: ['simulator', 'audit', 'start', 'programs'],
  light: ['world', 'messages', 'log', 'groups', 'transactions', 'cluster', 'broker', 'registry'],
  dashboard: ['contract', 'page', 'build', 'server'],
}

/** `src/connectors/kafka/read/x` is of `connectors/kafka`, `src/connectors/sink` of `connectors`, `src/errors` of `errors`. */
export function roomOf(path: string): string {
  const [top, room, next] = path.replace(/\.tsx?$/, '').split('/')
  if (top !== 'src' || room === undefined) return top ?? ''
  return room === 'connectors' && ends.includes(`connectors/${next}`) ? `connectors/${next}` : room
}

/** Whether a file of one room may import from another. */
export function mayImport(from: string, to: string, isType: boolean): boolean {
  const [here, there] = [roomOf(from), roomOf(to)]
  const allowed = rooms[here]
  return here === there || !!allowed?.values.includes(there) || (isType && !!allowed?.types?.includes(there))
}

/** The wing of a file within its room; empty where it has none. */
export function wingOf(path: string): string {
  const room = roomOf(path)
  const inside = path.startsWith(`src/${room}/`) ? path.slice(`src/${room}/`.length) : ''
  const folder = inside.split('/').slice(0, -1).join('/')
  const known = [...(wings[room] ?? [])].sort((a, b) => b.length - a.length)
  // `contract.ts` is the door of the wing `contract/`.
  const door = inside.replace(/\.ts$/, '')
  return known.find(wing => folder === wing || folder.startsWith(`${wing}/`) || door === wing) ?? ''
}

/** How high a room stands: one above the highest that it may import. */
export function floorOf(room: string): number {
  const { values = [], types = [] } = rooms[room] ?? {}
  return 1 + Math.max(-1, ...[...values, ...types].filter(each => each in rooms).map(floorOf))
}

/** Whether an import within a room goes to a wing above its own. */
export function isUpward(from: string, to: string): boolean {
  const order = wings[roomOf(from)] ?? []
  // What lies beside the wings uses all of them.
  const height = (path: string) => (wingOf(path) === '' ? order.length : order.indexOf(wingOf(path)))
  return roomOf(from) === roomOf(to) && height(from) < height(to)
}
