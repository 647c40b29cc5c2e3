import { FORMATS } from '../../shared/output'
import { brokersIn, given, type Words } from './words'

/** kcat's letters for how bytes are read. */
const FORMAT_OF: Readonly<Record<string, string>> = { s: 'text', h: 'short', i: 'int', q: 'long', avro: 'avro' }

/** What reads records: kcat's and Kafka's flags. `readsNew`: without a place to start it shows what comes from now on. */
export function consumeLine(words: Words, readsNew = false): string[] {
  const topics = [
    ...words.values('-t', '--topic'),
    ...words.values('--include', '--whitelist').map(whole),
    ...words.plain,
  ]
  const group = words.value('-G', '--group', '-g')
  const fromBeginning = words.has('--from-beginning')
  const place = words.value('-o', '--offset')
  const isOutput = FORMATS.some(format => format === place)
  const where = isOutput ? undefined : placeOf(place)
  const isDefault = place === undefined && !fromBeginning && group === undefined && readsNew
  const until = words.has('-e', '--exit-eof') || words.value('--timeout-ms') !== undefined
  words.has('-C', '-q', '-J', '-u', '-A')
  return [
    ...['consume', ...topics, ...given('-g', group)],
    ...(isDefault ? ['--offset', 'latest'] : given('--offset', where)),
    ...(isOutput ? given('-o', place) : []),
    ...given('-p', words.value('-p', '--partition')),
    ...given('-n', words.value('-c', '-n', '--count', '--max-messages')),
    ...(until ? ['-e'] : []),
    ...(words.value('--isolation-level') === 'read_uncommitted' ? ['--uncommitted'] : []),
    ...given('-f', formatOf(words)),
    ...formatsOf(words),
    ...given('--registry', registryOf(words)),
    ...brokersIn(words),
  ]
}

/** Confluent's scripts have it among the properties. */
const registryOf = (words: Words): string | undefined =>
  words.value('-r', '--registry') ?? propertiesOf(words, ...PROPERTIES).get('schema.registry.url')

const PROPERTIES = ['--property', '--formatter-property', '--reader-property'] as const

/** Kafka's regular expressions are about the whole name; commas are there what | is. */
const whole = (regex: string) =>
  /^[\w.-]+$/.test(regex) && !regex.includes('.') ? regex : `/^(${regex.replaceAll(',', '|')})$/`

/** Undefined for where weir starts anyway. */
function placeOf(place: string | undefined): string | undefined {
  if (place === undefined || /^(beginning|earliest|stored)$/.test(place)) return undefined
  if (place === 'end') return 'latest'
  return place.replace(/^s@/, '@')
}

function formatOf(words: Words): string | undefined {
  const own = words.value('-f', '--format')
  const separator = words.value('-K')
  const properties = propertiesOf(words, '--property', '--formatter-property')
  if (own !== undefined) return own
  if (separator !== undefined) return `%k${separator}%s\\n`
  if (properties.get('print.key') !== 'true') return undefined
  return `%k${properties.get('key.separator') ?? '\\t'}%s\\n`
}

function formatsOf(words: Words): string[] {
  return words.values('-s').flatMap(text => {
    const [, part, letter = ''] = /^(?:(key|value)=)?(.*)$/.exec(text) ?? []
    const format = FORMAT_OF[letter]
    if (format === undefined) return []
    return (part === undefined ? ['key', 'value'] : [part]).flatMap(each => [`--${each}-format`, format])
  })
}

function propertiesOf(words: Words, ...flags: readonly string[]): Map<string, string> {
  const pairs = words.values(...flags).map(text => text.split(/=(.*)/s, 2))
  return new Map(pairs.map(([name = '', value = '']) => [name, value]))
}

/** What writes records: kcat's and Kafka's flags. */
export function produceLine(words: Words): string[] {
  const topics = [...words.values('-t', '--topic'), ...words.plain]
  const properties = propertiesOf(words, '--property', '--reader-property')
  const parsesKey = properties.get('parse.key') === 'true'
  const separator =
    words.value('-K', '--key-separator') ?? (parsesKey ? (properties.get('key.separator') ?? '\\t') : undefined)
  const codec = words.value('-z', '--compression-codec', '--compression')
  const file = words.value('-l')
  words.has('-P', '-q')
  return [
    ...['produce', ...topics.slice(0, 1), ...given('-K', separator)],
    ...given('-k', words.value('-k', '--key')),
    ...given('-p', words.value('-p', '--partition')),
    ...words.values('-H', '--header').flatMap(each => ['-H', each]),
    ...(words.has('-Z', '--empty-is-null') ? ['-Z'] : []),
    ...(codec === 'none' ? [] : given('--compression', codec)),
    ...formatsOf(words),
    ...given('--registry', registryOf(words)),
    ...brokersIn(words),
    ...given('<', file),
  ]
}
