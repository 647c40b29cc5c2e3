import { consumeLine, produceLine } from './records'
import { brokersIn, given, Words } from './words'

/** Undefined for what weir has no line for. */
type Tool = (words: Words) => string[] | undefined

const VALUED: ReadonlySet<string> = new Set(
  (
    'bootstrap-server bootstrap-servers broker-list brokers topic include whitelist group offset partition partitions max-messages timeout-ms ' +
    'isolation-level property formatter-property reader-property consumer-property producer-property consumer-config producer.config ' +
    'consumer.config command-config compression-codec replication-factor config delete-config add-config entity-type entity-name time ' +
    'to-offset to-datetime by-duration shift-by from-file offset-json-file replica-assignment formatter timeout request-timeout-ms state ' +
    'application-id input-topics intermediate-topics internal-topics topic-list consumer-property formatter-config'
  )
    .split(' ')
    .map(name => `--${name}`),
)

/** Only partitions that aren't well: `weir cluster` lists them. */
const UNHEALTHY = [
  '--under-replicated-partitions',
  '--unavailable-partitions',
  '--under-min-isr-partitions',
  '--at-min-isr-partitions',
]

const topics: Tool = words => {
  const topic = words.value('--topic')
  const partitions = words.value('--partitions')
  const rest = brokersIn(words)
  if (words.has('--create'))
    return [
      ...['topics', 'create', ...named(topic), ...given('-p', partitions)],
      ...given('-r', words.value('--replication-factor')),
      ...words.values('--config').flatMap(each => ['-c', each]),
      ...(words.has('--if-not-exists') ? ['--if-not-exists'] : []),
      ...rest,
    ]
  if (words.has('--delete')) return ['topics', 'delete', ...named(topic), '--yes', ...rest]
  if (words.has('--alter'))
    return ['topics', 'config', ...named(topic), ...given('--partitions', partitions), '--yes', ...rest]
  if (words.has(...UNHEALTHY)) {
    words.has('--describe')
    return ['cluster', ...rest]
  }
  if (words.has('--describe') && topic !== undefined) return ['topics', 'describe', topic, ...rest]
  words.has('--list')
  return ['topics', 'list', ...(topic === undefined ? [] : [topic]), ...rest]
}

const groups: Tool = words => {
  const group = words.value('--group')
  const rest = brokersIn(words)
  if (words.has('--delete')) return ['groups', 'delete', ...named(group, 'group'), '--yes', ...rest]
  if (words.has('--delete-offsets'))
    return ['groups', 'delete', ...named(group, 'group'), ...given('-t', words.value('--topic')), '--yes', ...rest]
  if (words.has('--reset-offsets')) return [...resetLine(words, group), ...rest]
  if (words.has('--describe')) {
    const members = words.has('--members')
    words.has('--verbose', '--offsets', '--state')
    return ['groups', members ? 'members' : 'describe', ...named(group, 'group'), ...rest]
  }
  words.has('--list')
  const state = words.value('--state')
  return ['groups', 'list', ...given('--state', state), ...rest]
}

function resetLine(words: Words, group: string | undefined): string[] {
  const doIt = words.has('--execute') ? ['--execute'] : []
  words.has('--dry-run')
  const file = words.value('--from-file')
  if (file !== undefined) return ['groups', 'import', file, ...given('-g', group), ...doIt]
  if (words.has('--export') && words.has('--to-current')) return ['groups', 'export', ...named(group, 'group')]
  const time = words.value('--to-datetime')
  const duration = words.value('--by-duration')
  return [
    ...['groups', 'reset', ...named(group, 'group')],
    ...words.values('--topic').flatMap(each => ['-t', each]),
    ...(words.has('--all-topics') ? ['--all-topics'] : []),
    ...(words.has('--to-earliest') ? ['--to', 'earliest'] : []),
    ...(words.has('--to-latest') ? ['--to', 'latest'] : []),
    ...given('--to', words.value('--to-offset')),
    ...given('--to', time === undefined ? undefined : `@${time}`),
    ...given('--to', duration === undefined ? undefined : `@-${ageOf(duration)}`),
    ...given('--shift-by', words.value('--shift-by')),
    ...doIt,
  ]
}

/** ISO 8601's `PT1H` and `P7D` as `1h` and `7d`. */
const ageOf = (duration: string) => duration.replace(/^P(T)?/i, '').toLowerCase()

const configs: Tool = words => {
  const type = words.value('--entity-type')
  if (type !== undefined && type !== 'topics') return undefined
  const topic = words.value('--entity-name', '--topic')
  const add = words.value('--add-config')
  const remove = words.value('--delete-config')
  words.has('--describe')
  const changes = [
    ...(add?.split(/,(?=[\w.]+=)/) ?? []).flatMap(each => ['--set', each]),
    ...(remove?.split(',') ?? []).flatMap(each => ['--unset', each]),
  ]
  const all = words.has('--all') ? ['--all'] : []
  return [
    'topics',
    'config',
    ...named(topic),
    ...changes,
    ...(words.has('--alter') ? ['--yes'] : []),
    ...all,
    ...brokersIn(words),
  ]
}

const offsets: Tool = words => {
  const time = words.value('--time')
  const at = /^\d+$/.test(time ?? '') ? time : undefined
  return ['topics', 'offsets', ...named(words.value('--topic')), ...given('--at', at), ...brokersIn(words)]
}

const deleteRecords: Tool = words => {
  words.value('--offset-json-file')
  return [
    'topics',
    'delete-records',
    '<topic>',
    '--before',
    '<offset>',
    '-p',
    '<partition>',
    '--yes',
    ...brokersIn(words),
  ]
}

const cluster: Tool = words => {
  words.has('--describe', '--status')
  return ['cluster', ...brokersIn(words)]
}

/** Kafka's does it at once unless told otherwise. */
const streamsReset: Tool = words => {
  const isDry = words.has('--dry-run')
  words.has('--to-earliest', '--force')
  const time = words.value('--to-datetime')
  return [
    ...['topology', 'reset', ...named(words.value('--application-id'), 'topology')],
    ...given('--to', words.has('--to-latest') ? 'latest' : time === undefined ? undefined : `@${time}`),
    ...(isDry ? [] : ['--execute']),
    ...brokersIn(words),
  ]
}

const sizes: Tool = words => {
  words.has('--describe')
  const named = words.value('--topic-list')?.split(',')
  return [...(named === undefined ? ['topics', 'list'] : ['topics', 'describe', ...named]), ...brokersIn(words)]
}

const local =
  (what: string): Tool =>
  () => ['stack', what]

const consumer: Tool = words => consumeLine(words, true)

/** What is missing is shown as help shows it. */
const named = (name: string | undefined, what = 'topic') => [name ?? `<${what}>`]

const TOOLS: Readonly<Record<string, Tool>> = {
  'kafka-topics': topics,
  'kafka-consumer-groups': groups,
  'kafka-groups': groups,
  'kafka-configs': configs,
  'kafka-get-offsets': offsets,
  'kafka-delete-records': deleteRecords,
  'kafka-console-consumer': consumer,
  'kafka-avro-console-consumer': consumer,
  'kafka-json-schema-console-consumer': consumer,
  'kafka-console-producer': produceLine,
  'kafka-avro-console-producer': produceLine,
  'kafka-json-schema-console-producer': produceLine,
  'kafka-cluster': cluster,
  'kafka-broker-api-versions': cluster,
  'kafka-metadata-quorum': cluster,
  'kafka-log-dirs': sizes,
  'kafka-streams-application-reset': streamsReset,
  'kafka-server-start': local('up'),
  'kafka-server-stop': local('down'),
}

/** The classes behind the scripts, as `kafka-run-class.sh` takes them. */
const CLASSES: Readonly<Record<string, string>> = {
  GetOffsetShell: 'kafka-get-offsets',
  TopicCommand: 'kafka-topics',
  ConsumerGroupCommand: 'kafka-consumer-groups',
  ConfigCommand: 'kafka-configs',
  ConsoleConsumer: 'kafka-console-consumer',
  ConsoleProducer: 'kafka-console-producer',
}

const scriptOf = (name: string): string => name.replace(/^.*\//, '').replace(/\.(sh|bat)$/, '')

/** The tool that is called `name`, `kafka-topics.sh` or `kafka-topics` with any path before it. */
export function kafkaTool(
  name: string,
): ((line: readonly string[]) => { line: string[]; words: Words } | undefined) | undefined {
  const base = scriptOf(name)
  if (base === 'kafka-run-class')
    return ([path = '', ...rest]) => kafkaTool(CLASSES[path.replace(/^.*\./, '')] ?? '')?.(rest)
  const tool = Object.hasOwn(TOOLS, base) ? TOOLS[base] : undefined
  if (tool === undefined) return undefined
  return line => {
    const words = new Words(line, VALUED)
    const meant = tool(words)
    return meant && { line: meant, words }
  }
}

/** A sentence about a script of Kafka's that weir has no counterpart of; undefined for what is none. */
export function toolBeside(name: string): string | undefined {
  const base = scriptOf(name)
  if (!/^(kafka|connect|zookeeper)-[a-z-]+$/.test(base)) return undefined
  const more = base === 'kafka-acls' ? ' `weir doctor my.ts` prints the lines that a topology needs of it.' : ''
  return `weir has nothing in the place of this line: ${base}.sh works beside it.${more}`
}
