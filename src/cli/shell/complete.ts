import { openCluster } from '../../ops/cluster'
import { listGroups } from '../../ops/groups'
import { Registry } from '../../ops/registry'
import { listTopics } from '../../ops/topics'
import { itemAt } from '../../required'
import { type CommonOptions, common } from '../shared/common'
import { applicationNames, topologyFiles } from '../shared/load-topology'
import { settings } from '../shared/settings'
import type { Completes, Verb, VerbOption } from '../shared/verb'
import { canonical } from './aliases'
import { nouns, verbs } from './verbs'

/** Nobody waits longer than this for a Tab. */
const TIMEOUT_MS = 2_000

/** What may stand in the place of the last word of a command line (without `weir`); `__files` leaves it to the shell. */
export async function complete(shellWords: readonly string[]): Promise<string[]> {
  const words = whole(shellWords)
  const last = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const candidates = await candidatesAfter(before, last)
  return candidates.filter(each => each === '__files' || each.startsWith(last)).sort()
}

/** Bash takes `a:b` for three words and `--to=x` too: they are put together again, the value as a word of its own. */
function whole(words: readonly string[]): string[] {
  const found: string[] = []
  for (let i = 0; i < words.length; i++) {
    if (words[i] === ':' && found.length > 0) found.push(`${found.pop()}:${words[++i] ?? ''}`)
    else if (words[i] !== '=' || !found.at(-1)?.startsWith('--')) found.push(itemAt(words, i))
    else if (i === words.length - 1) found.push('')
  }
  return found
}

/** The words that are no options and no options' values, as far as those are known: the common ones before the verb is. */
function withoutOptions(words: readonly string[], options: readonly VerbOption[]): string[] {
  const takesValue = (word: string) =>
    options.some(({ flags }) => flags.includes('<') && flags.split(/[ ,]+/).includes(word))
  return words.filter((word, i) => !word.startsWith('-') && !(i > 0 && takesValue(itemAt(words, i - 1))))
}

async function candidatesAfter(before: readonly string[], last: string): Promise<string[]> {
  const plain = canonical(withoutOptions(before, common()))
  const [first, second] = plain
  const names = Object.keys(verbs)
  if (first === undefined) return [...new Set(names.map(name => itemAt(name.split(' '), 0)))]
  if (nouns[first] !== undefined && second === undefined) {
    return names.filter(name => name.startsWith(`${first} `)).map(name => name.slice(first.length + 1))
  }
  if (first === 'help') return helpAfter(plain.slice(1), names)
  const name = verbs[first] === undefined ? `${first} ${second}` : first
  const entry = verbs[name]
  if (entry === undefined) return []
  const verb = entry.load()
  const length = name.split(' ').length
  // Options that a topology's file decides (`optionsFor`) are left out: a Tab runs no file.
  const options = [...(verb.options ?? []), ...common()]
  const args = withoutOptions(before, options).slice(length)
  const previous = itemAt(before, before.length - 1)
  const open = options.find(({ flags }) => flags.includes('<') && flags.split(/[ ,]+/).includes(previous))
  if (open !== undefined) return values(open.choices ?? open.completes, before)
  if (last.startsWith('-')) return options.flatMap(({ flags }) => /--[\w-]+/.exec(flags) ?? [])
  return values(argumentAt(verb, args.length)?.completes, before)
}

function helpAfter(given: readonly string[], names: readonly string[]): string[] {
  const at = given.length
  return [
    ...new Set(
      names
        .map(name => name.split(' '))
        .filter(words => given.every((word, i) => words[i] === word))
        .flatMap(words => words[at] ?? []),
    ),
  ]
}

function argumentAt(verb: Verb, index: number) {
  const all = verb.arguments ?? []
  return all[index] ?? (all.at(-1)?.name.includes('...') ? all.at(-1) : undefined)
}

async function values(completes: Completes | undefined, before: readonly string[]): Promise<string[]> {
  if (completes === undefined) return []
  if (completes === 'file') return ['__files']
  if (completes === 'application') return applicationNames()
  if (completes === 'topology') return [...applicationNames(), ...topologyFiles()]
  if (typeof completes !== 'string') return [...completes]
  const { kafka, registryUrl } = settings(given(before))
  if (completes === 'subject') return new Registry(registryUrl, TIMEOUT_MS).subjects().catch(() => [])
  const cluster = openCluster(kafka, TIMEOUT_MS)
  try {
    if (completes === 'topic') return (await listTopics(cluster)).map(each => each.topic)
    return (await listGroups(cluster)).map(each => each.group)
  } catch {
    return []
  } finally {
    await cluster.disconnect()
  }
}

/** The services that the line names. */
function given(words: readonly string[]): CommonOptions {
  const after = (...flags: string[]) => words[words.findIndex(word => flags.includes(word)) + 1]
  const has = (...flags: string[]) => words.some(word => flags.includes(word))
  return {
    ...{ output: 'table', timeout: TIMEOUT_MS },
    ...(has('-b', '--brokers') ? { brokers: after('-b', '--brokers') ?? '' } : {}),
    ...(has('--registry') ? { registry: after('--registry') ?? '' } : {}),
  }
}
