import { join } from 'node:path'
import ts from 'typescript'
import { count, double, json, type KTable, text, topology } from '../../src'

const windows = { beforeMs: 1, afterMs: 1, graceMs: 1 }

test('joins infer what their joiner sees and what they give', () => {
  topology('inferred', streams => {
    const events = streams.stream('events', { key: text, value: json<{ n: number }>() })
    const others = streams.stream('others', { key: text, value: json<{ name: string }>() })
    const table = streams.table('table', { key: text, value: json<{ on: boolean }>() })
    const byNumber = streams.table('numbered', { key: double, value: json<{ label: string }>() })
    const global = streams.globalTable('global', { key: double, value: json<{ label: string }>() })

    const inner: string = typeof events
      .join(others, { name: 'a', windows, joiner: (l, r, key) => l.n + r.name.length + key.length })
      .mapValues(value => value.toFixed(1))
    expect(inner).toBe('object')
    events.leftJoin(table, { joiner: (l, r) => ({ ...l, on: r?.on ?? false }) }).filter(value => value.on)
    events.join(global, { keyMapper: value => value.n, joiner: (l, r) => `${l.n}${r.label}` }).mapValues(v => v.length)
    events.outerJoin(others, { name: 'b', windows, joiner: (l, r) => (l?.n ?? 0) + (r?.name.length ?? 0) })
    const joined: KTable<string, string> = table.join(byNumber, {
      name: 'c',
      foreignKey: row => (row.on ? 1 : null),
      joiner: (l, r) => `${l.on}${r.label}`,
    })
    table.leftJoin(joined, { joiner: (l, r) => `${l.on}${r?.length}` }).toStream()
    events
      .groupByKey()
      .cogroup((sum: number, value) => sum + value.n)
      .cogroup(others.groupByKey(), (sum, value) => sum + value.name.length)
      .aggregate({ name: 'd', initial: () => 0 })
      .mapValues(sum => sum.toFixed(1))
    events.groupByKey().aggregate({ name: 'e', of: { count: count() } })
  })
})

const root = join(__dirname, '../..')
const fileOf = (index: number) => join(root, `test/dsl/snippet-${index}.ts`)

const topologyWith = (step: string) => `import { json, double, session, text, topology } from '../../src'
  topology('snippet', streams => {
    const events = streams.stream('events', { key: text, value: json<{ n: number }>() })
    const others = streams.stream('others', { key: text, value: json<{ name: string }>() })
    const numbered = streams.stream('numbered', { key: double, value: json<{ name: string }>() })
    const table = streams.table('table', { key: text, value: json<{ on: boolean }>() })
    const numbers = streams.table('numbers', { key: double, value: json<{ label: string }>() })
    const global = streams.globalTable('global', { key: double, value: json<{ label: string }>() })
    const windows = { beforeMs: 1, afterMs: 1, graceMs: 1 }
    ${step}
  })`

/** What the compiler says of each of the steps, put into a topology with streams and tables. */
function messagesOf(steps: readonly string[]): string[] {
  const sources = new Map(steps.map((step, i) => [fileOf(i), topologyWith(step)]))
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const parsed = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
  const options = { ...parsed.options, noUnusedLocals: false, noUnusedParameters: false }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = name => sources.has(name) || fileExists(name)
  host.getSourceFile = (name, ...rest) => {
    const source = sources.get(name)
    return source === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, source, ts.ScriptTarget.ES2022)
  }
  const program = ts.createProgram([...sources.keys()], options, host)
  return steps.map((_, i) => {
    const found = program.getSemanticDiagnostics(program.getSourceFile(fileOf(i)))
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')).join('\n')
  })
}

const unlike = /a join needs keys of one type on both sides: bring one side to it with selectKey, map or groupBy/

const refused: [string, string, RegExp][] = [
  ['streams of unlike keys', `events.join(numbered, { name: 'j', windows, joiner: () => 1 })`, unlike],
  ['outer joins of unlike keys', `events.outerJoin(numbered, { name: 'j', windows, joiner: () => 1 })`, unlike],
  ['a stream and a table of unlike keys', 'events.leftJoin(numbers, { joiner: () => 1 })', unlike],
  ['tables of unlike keys', 'table.outerJoin(numbers, { joiner: () => 1 })', unlike],
  ['tables of unlike keys, inner', 'table.join(numbers, { joiner: () => 1 })', unlike],
  [
    'cogroups of unlike keys',
    `events.groupByKey().cogroup((a: number) => a).cogroup(numbered.groupByKey(), a => a)`,
    unlike,
  ],
  [
    'a foreign key of another type',
    `table.join(numbers, { name: 'j', foreignKey: row => String(row.on), joiner: () => 1 })`,
    /Type 'string' is not assignable to type 'number'/,
  ],
  [
    'windows without grace',
    `events.join(others, { name: 'j', windows: { beforeMs: 1, afterMs: 1 }, joiner: () => 1 })`,
    /Property 'graceMs' is missing/,
  ],
  [
    'a stream-stream join without name',
    'events.join(others, { windows, joiner: () => 1 })',
    /Property 'name' is missing/,
  ],
  ['a global join without key', 'events.join(global, { joiner: () => 1 })', /Property 'keyMapper' is missing/],
  [
    'a field that the other side lacks',
    'events.join(table, { joiner: (l, r) => r.off })',
    /Property 'off' does not exist/,
  ],
  ['a missing side taken for granted', 'events.leftJoin(table, { joiner: (l, r) => r.on })', /'r' is possibly 'null'/],
  [
    'sessions of a cogroup without merge',
    `events.groupByKey().cogroup((a: number) => a).windowedBy(session({ gapMs: 1, graceMs: 1 })).aggregate({ name: 'j', initial: () => 1 })`,
    /Property 'merge' is missing/,
  ],
]

describe('does not compile, and says why', () => {
  const good = 'events.join(table, { joiner: (l, r) => r.on })'
  let messages: string[]
  beforeAll(() => {
    messages = messagesOf([...refused.map(([, step]) => step), good])
  }, 60_000)

  test.each(refused.map(([what, , message], i) => [what, i, message] as const))('%s', (_what, i, message) =>
    expect(messages[i]).toMatch(message),
  )

  test('what compiles gives no message', () => expect(messages.at(-1)).toBe(''))
})
