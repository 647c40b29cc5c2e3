import { consumeLine, produceLine } from './records'
import { brokersIn, given, Words } from './words'

const VALUED: ReadonlySet<string> = new Set([
  '-b',
  '-t',
  '-p',
  '-o',
  '-c',
  '-f',
  '-K',
  '-k',
  '-H',
  '-z',
  '-X',
  '-r',
  '-s',
  '-D',
  '-l',
  '-G',
  '-F',
  '-m',
  '-d',
])

/** kcat's modes. -b, -t, -p, -o, -c... are read by what they lead to. */
export function kcatLine(line: readonly string[]): { line: string[]; words: Words } {
  const words = new Words(line, VALUED)
  return { line: lineOf(words), words }
}

function lineOf(words: Words): string[] {
  words.values('-F', '-m', '-d')
  if (words.has('-L')) return metadataLine(words)
  if (words.has('-Q')) return offsetsLine(words)
  if (words.has('-P')) return produceLine(words)
  return consumeLine(words)
}

function metadataLine(words: Words): string[] {
  const topic = words.value('-t')
  words.has('-J')
  return [...(topic === undefined ? ['topics', 'list'] : ['topics', 'describe', topic]), ...brokersIn(words)]
}

/** `-t orders:1:-1`: topic, partition, and a time in ms or an end. */
function offsetsLine(words: Words): string[] {
  const [topic = '', partition, time = ''] = (words.value('-t') ?? '').split(':')
  const at = /^\d+$/.test(time) ? time : undefined
  return ['topics', 'offsets', topic, ...given('-p', partition), ...given('--at', at), ...brokersIn(words)]
}
