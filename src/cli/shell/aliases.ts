import { verbs } from './verbs'

/** Other names of nouns, as other tools have them. */
const nouns: ReadonlyMap<string, string> = new Map([
  ['topic', 'topics'],
  ['group', 'groups'],
  ['schema', 'schemas'],
  ['subject', 'schemas'],
  ['subjects', 'schemas'],
  ['topologies', 'topology'],
  ['dead-letter', 'dead-letters'],
  ['dlq', 'dead-letters'],
])

/** Other names of what is done to them. */
const actions: ReadonlyMap<string, string> = new Map([
  ['ls', 'list'],
  ['rm', 'delete'],
  ['remove', 'delete'],
  ['new', 'create'],
  ['add', 'create'],
  ['desc', 'describe'],
  ['get', 'show'],
])

/** A command line, from its noun on, with weir's own names: `topic ls` is `topics list`. */
export function canonical(line: readonly string[]): string[] {
  const [first, second, ...rest] = line
  if (first === undefined) return []
  if (first === 'help') return [first, ...canonical(line.slice(1))]
  const noun = nouns.get(first) ?? first
  if (second === undefined) return [noun]
  const action = actions.get(second)
  return [noun, action !== undefined && Object.hasOwn(verbs, `${noun} ${action}`) ? action : second, ...rest]
}
