import { join } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '../..')
const fileOf = (index: number) => join(root, `test/dsl/snippet-${index}.ts`)

const topologyWith = (
  step: string,
) => `import { double, json, mqtt, session, text, topology, tumbling, untilWindowCloses } from '../../src'
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

const groupStream = /"a stream is grouped before that: call groupByKey\(\) or groupBy\(\) first"/
const groupTable = /"a table is grouped before that: call groupBy\(\) first"/
const changesFirst = /"a table is written as the stream of its changes: call toStream\(\) first"/
const sizeMs = 'tumbling({ sizeMs: 10, graceMs: 0 })'

const refused: [string, string, RegExp][] = [
  ['a stream counted without groups', `events.count({ name: 'c' })`, groupStream],
  ['a stream reduced without groups', `events.reduce({ name: 'c', reducer: (a, b) => a })`, groupStream],
  [
    'a stream aggregated without groups',
    `events.aggregate({ name: 'c', initial: () => 0, add: (sum, value) => sum + value.n })`,
    groupStream,
  ],
  ['figures of a stream without groups', `events.aggregate({ name: 'c', of: { n: {} } })`, groupStream],
  ['windows without groups', `events.windowedBy(${sizeMs})`, groupStream],
  ['a table counted without groups', `table.count({ name: 'c' })`, groupTable],
  ['a table aggregated without groups', `table.aggregate({ name: 'c', initial: () => 0 })`, groupTable],
  ['a table reduced without groups', `table.reduce({ name: 'c', adder: (a, b) => a })`, groupTable],
  ['a table written', `table.to('out', { key: text, value: json() })`, changesFirst],
  ['a count written', `events.groupByKey().count({ name: 'c' }).to('out', { key: text, value: json() })`, changesFirst],
  ['a topic without serdes', `events.to('out')`, /^Expected 2 arguments, but got 1\.$/],
  [
    'a topic without a serde',
    `events.to('out', { key: text })`,
    /Property 'value' is missing in type '{ key: Serde<string>; }'/,
  ],
  [
    'a value of another type than is written',
    `events.to('out', { key: text, value: json<{ other: string }>() })`,
    /^Type 'Serde<{ other: string; }>' is not assignable to type 'Serde<{ n: number; }>'/,
  ],
  [
    'a key of another type than is written',
    `events.selectKey(value => value.n).to('out', { key: text, value: json<{ n: number }>() })`,
    /^Type 'Serde<string>' is not assignable to type 'Serde<number>'/,
  ],
  [
    'the key of a window written as a plain one',
    `events.groupByKey().windowedBy(${sizeMs}).count({ name: 'c' }).toStream().to('out', { key: text, value: json<number>() })`,
    /^Type 'Serde<string>' is not assignable to type 'Serde<Windowed<string>>'/,
  ],
  [
    'no target',
    'events.to(5)',
    /^Argument of type 'number' is not assignable to parameter of type 'Topic<.*> \| Target<.*>'/,
  ],
  [
    'options of a topic for an end',
    `events.to(mqtt({ topic: 'x', value: ({ value }) => Buffer.from(String(value.n)) }), { key: text, value: json() })`,
    /'key' does not exist in type 'Named'/,
  ],
  [
    'windows without grace',
    'events.groupByKey().windowedBy(tumbling({ sizeMs: 10 }))',
    /Property 'graceMs' is missing/,
  ],
  [
    'a table without windows suppressed until they close',
    `table.suppress(untilWindowCloses, { name: 's' })`,
    /"only windows close: use untilTimeLimit\(\), or aggregate by windowedBy\(\) first"/,
  ],
  ['a table merged', 'events.merge(table)', /"merge takes a stream: a table becomes one by toStream\(\)"/],
  [
    'streams of unlike values merged',
    'events.merge(others)',
    /"merged streams have keys and values of one type: bring one to it with map or mapValues"/,
  ],
  [
    'an outer join with a table',
    `events.outerJoin(table, { name: 'j', windows, joiner: () => 1 })`,
    /"outerJoin takes a stream; a table is joined with leftJoin"/,
  ],
  [
    'a time that is no number',
    `streams.stream('x', { key: text, value: json<{ at: string }>(), timestamp: value => value.at })`,
    /Type 'string' is not assignable to type 'number'/,
  ],
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
    'windows of a join without grace',
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

/** What compiles, near to the mistakes. */
const good = [
  'events.join(table, { joiner: (l, r) => r.on })',
  'events.merge(events.filter(() => true))',
  'events.outerJoin(others, { name: "j", windows, joiner: (l, r) => (l?.n ?? 0) + (r?.name.length ?? 0) })',
  'events.to(({ key, value }) => key + value.n, { key: text, value: json(), partition: ({ value }) => value.n })',
  `events.to(mqtt({ topic: 'x', value: ({ value }) => Buffer.from(value.n.toFixed()) }), { name: 'x' })`,
  `events.groupByKey().windowedBy(${sizeMs}).count({ name: 'c' }).suppress(untilWindowCloses, { name: 's' })`,
]

describe('does not compile, and says why', () => {
  let messages: string[]
  beforeAll(() => {
    messages = messagesOf([...refused.map(([, step]) => step), ...good])
  }, 60_000)

  test.each(refused.map(([what, , message], i) => [what, i, message] as const))('%s', (_what, i, message) =>
    expect(messages[i]).toMatch(message),
  )

  test('in a few lines, for a call that has one form', () => {
    const sentences = refused.flatMap(([what], i) =>
      /No overload/.test(messages[i] ?? '') ? [] : [[what, messages[i]]],
    )
    expect(sentences.filter(([, message]) => (message ?? '').split('\n').length > 3)).toEqual([])
    expect(refused.length - sentences.length).toBeLessThan(4)
  })

  test('what compiles gives no message', () => expect(messages.slice(refused.length)).toEqual(good.map(() => '')))
})
