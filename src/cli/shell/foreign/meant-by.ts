import { required } from '../../../required'
import { common } from '../../shared/common'
import { FORMATS } from '../../shared/output'
import { canonical } from '../aliases'
import { verbs } from '../verbs'
import { kafkaTool } from './kafka-tools'
import { kcatLine } from './kcat'
import { consumeLine, produceLine } from './records'
import { brokersIn, Words } from './words'

/** kcat's modes, and what begins a line of it. */
const MODES = /^-[CPLQGt]/
/** Flags that Kafka's tools and kcat have for what weir writes otherwise. */
const FOREIGN =
  /^(--(bootstrap-servers?|broker-list|topic|group|from-beginning|max-messages|timeout-ms|property|isolation-level|compression-codec)|-[tcCPGJqXu])(=|$)/
const OUTPUTS: readonly string[] = FORMATS
const VALUED_ELSEWHERE = [
  ...[
    '--bootstrap-server',
    '--bootstrap-servers',
    '--broker-list',
    '--topic',
    '--group',
    '--max-messages',
    '--timeout-ms',
  ],
  ...[
    '--property',
    '--isolation-level',
    '--compression-codec',
    '-t',
    '-c',
    '-G',
    '-X',
    '-o',
    '-s',
    '-r',
    '-K',
    '-z',
    '-l',
    '-k',
    '-p',
    '-f',
    '-H',
  ],
]

/** weir's line for one that was written as for Kafka's scripts or kcat; `leftOut` is what has no counterpart. */
export interface Meant {
  readonly line: string
  readonly leftOut: readonly string[]
}

/** What a line that weir doesn't take was probably meant to do; undefined where it is nobody else's either. */
export function meantBy(line: readonly string[]): Meant | undefined {
  const [first = '', second = '', ...rest] = line
  if (/(^|\/)(kcat|kafkacat)$/.test(first)) return told(kcatLine(line.slice(1)))
  const tool = kafkaTool(first) ?? (second.startsWith('--') ? toolOf(first) : undefined)
  if (tool !== undefined) {
    const meant = tool(line.slice(1))
    return meant && told(meant)
  }
  if (line.some(word => MODES.test(word)) && first.startsWith('-')) return told(kcatLine(line))
  // `list topics` and `create topic orders`.
  const swapped = canonical([second, first])
  if (Object.hasOwn(verbs, swapped.join(' '))) return { line: shown([...swapped, ...rest]), leftOut: [] }
  return ownVerb(line)
}

/** `topics --list` is Kafka's script without its name. */
const toolOf = (noun: string) =>
  noun === 'topics' || noun === 'groups'
    ? kafkaTool(noun === 'topics' ? 'kafka-topics' : 'kafka-consumer-groups')
    : undefined

/** One of weir's verbs with others' flags: what weir has too stays as it is. */
function ownVerb(line: readonly string[]): Meant | undefined {
  const name = [line.slice(0, 2).join(' '), line[0] ?? ''].find(each => Object.hasOwn(verbs, each))
  if (name === undefined) return undefined
  const rest = line.slice(name.split(' ').length)
  const { options = [] } = required(verbs[name], `the verb ${name}`).load()
  const flags = [...options, ...common()].map(({ flags: text }) => text.split(/[ ,]+/))
  const own = new Set(flags.flat().filter(word => word.startsWith('-')))
  const isForeign = (word: string, i: number) => {
    if (name === 'consume' && word === '-o') return !OUTPUTS.includes(rest[i + 1] ?? '')
    return FOREIGN.test(word) && !own.has(word.split('=', 1)[0] ?? '')
  }
  if (!rest.some(isForeign)) return undefined
  const valued = flags.filter(words => words.at(-1)?.startsWith('<')).flatMap(words => words.slice(0, -1))
  const words = new Words(rest, new Set([...valued, ...VALUED_ELSEWHERE]))
  const meant =
    name === 'consume' ? consumeLine(words) : name === 'produce' ? produceLine(words) : namedLine(name, words, own)
  return {
    line: shown([...meant, ...words.left(each => own.has(each))]),
    leftOut: words.left(each => !own.has(each)),
  }
}

function namedLine(name: string, words: Words, own: ReadonlySet<string>): string[] {
  const names = words.values(...['--topic', '--group', '-t'].filter(flag => !own.has(flag)))
  return [...name.split(' '), ...names, ...words.plain, ...brokersIn(words)]
}

const told = ({ line, words }: { line: string[]; words: Words }): Meant => ({
  line: shown(line),
  leftOut: words.left(),
})

/** As it is typed in a shell. */
const shown = (words: readonly string[]) =>
  ['weir', ...words]
    .map(word => (/^[\w@%+=:,./<>-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ')
