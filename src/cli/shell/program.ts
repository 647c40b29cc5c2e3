import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../ops/errors'
import { itemAt } from '../../required'
import { version } from '../../version'
import { type CommonOptions, common } from '../shared/common'
import type { Streams } from '../shared/output'
import { asWeirs } from '../shared/own-command'
import type { Verb, VerbOption } from '../shared/verb'
import { canonical } from './aliases'
import { toolBeside } from './foreign/kafka-tools'
import { meantBy } from './foreign/meant-by'
import { type Entry, nouns, programs, verbs } from './verbs'

export interface Parsed {
  readonly verb: Verb
  readonly args: readonly string[]
  readonly options: CommonOptions & Record<string, unknown>
}

/** Reads a command line. A number is the exit code of what is done already: help, or a usage error that was printed. */
export async function parse(line: readonly string[], streams: Streams): Promise<Parsed | number> {
  let parsed: Parsed | undefined
  const ordered = canonical(withCommonLast(line))
  const program = await createProgram(ordered, streams, found => {
    parsed = found
  })
  try {
    program.parse(ordered, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    sayMeant(ordered, streams)
    return 2
  }
  return parsed ?? 0
}

/** People come with the lines of Kafka's scripts and of kcat in their fingers. */
function sayMeant(line: readonly string[], streams: Streams): void {
  const meant = meantBy(line)
  if (meant === undefined) {
    const beside = toolBeside(line[0] ?? '')
    if (beside !== undefined) streams.stderr.write(`${beside}\n`)
    return
  }
  const rest = meant.leftOut.length === 0 ? '' : `\n(without a counterpart: ${meant.leftOut.join(' ')})`
  streams.stderr.write(`In weir that is:\n  ${meant.line}${rest}\n`)
}

/** The common options may stand before the verb too: `weir -b broker:9092 topics list`. */
function withCommonLast(line: readonly string[]): string[] {
  const flags = new Set(common().flatMap(({ flags: text }) => text.split(/[ ,]+/).filter(word => word.startsWith('-'))))
  const first: string[] = []
  let at = 0
  while (at < line.length && itemAt(line, at).startsWith('-')) {
    const [name] = itemAt(line, at).split('=') as [string]
    if (!flags.has(name)) break
    const end = itemAt(line, at).includes('=') ? at + 1 : at + 2
    first.push(...line.slice(at, end))
    at = end
  }
  return at < line.length ? [...line.slice(at), ...first] : [...line]
}

/** Commands of all verbs; arguments and options only of the verb that `line` calls, as the others are not loaded for it. */
async function createProgram(
  line: readonly string[],
  streams: Streams,
  found: (parsed: Parsed) => void,
): Promise<Command> {
  const words = line.filter(word => !word.startsWith('-'))
  const program = plain(new Command('weir'), streams)
    .description('Kafka on the command line: topics, records, groups, schemas, topologies.')
    .usage('<noun> <verb> [arguments] [options]')
    .version(version, '--version', 'the version of weir')
    // Behind a verb `--version` is the verb's own: that of a schema.
    .enablePositionalOptions()
    .addHelpText('after', '\n`weir help` tells more; `weir <noun> <verb> --help` has examples.')
  for (const [name, entry] of Object.entries(verbs)) {
    const [first, second] = name.split(' ') as [string, string?]
    const called = words[0] === first && (second === undefined || words[1] === second)
    let parent = program
    if (second !== undefined) {
      const existing = program.commands.find(command => command.name() === first)
      parent = existing ?? plain(program.command(first), streams).description(nouns[first] ?? '')
    }
    const command = plain(parent.command(second ?? first), streams).description(entry.summary)
    if (called) await define(command, entry, words.slice(second === undefined ? 1 : 2), found)
  }
  for (const [name, { summary }] of Object.entries(programs)) plain(program.command(name), streams).description(summary)
  return program
}

function plain(command: Command, streams: Streams): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: text => streams.stdout.write(text),
      writeErr: text => streams.stderr.write(text),
      outputError: (text, write) => write(asWeirs(text)),
    })
    .showSuggestionAfterError()
    .helpCommand(false)
}

async function define(
  command: Command,
  entry: Entry,
  words: readonly string[],
  found: (parsed: Parsed) => void,
): Promise<void> {
  const verb = entry.load()
  if (verb.about !== undefined) command.description(`${entry.summary}\n\n${flowing(verb.about)}`)
  for (const argument of verb.arguments ?? []) command.argument(argument.name, argument.about)
  const own = [...((await verb.optionsFor?.(words)) ?? []), ...(verb.options ?? [])]
  for (const option of [...own, ...common(verb.output)]) command.addOption(toOption(option))
  command.addHelpText('after', () => examples(verb))
  command.action((...all: unknown[]) => {
    const given = all.slice(0, -2).flat()
    const args = given.filter((each): each is string => each !== undefined)
    found({ verb, args, options: command.opts<CommonOptions & Record<string, unknown>>() })
  })
}

/** Lines of a paragraph joined, since commander breaks them anew; one that is indented stays a line of its own. */
const flowing = (text: string) =>
  text.replace(/([^\n])\n(?=\S)/g, (all, before: string, at: number) => {
    const line = text.slice(text.lastIndexOf('\n', at) + 1, at + 1)
    return /^\s/.test(line) ? all : `${before} `
  })

/** The examples of a verb, as its help shows them. */
export function examples(verb: Verb): string {
  return `\nExamples:\n${verb.examples.map(([line, what]) => `  weir ${line}\n      ${what}`).join('\n')}`
}

function toOption({ flags, about, parse, default: value, choices }: VerbOption): Option {
  const option = new Option(flags, about)
  if (value !== undefined)
    option.default(value, typeof value === 'number' && parse !== undefined ? shown(value, flags) : undefined)
  if (choices !== undefined) option.choices(choices)
  if (parse !== undefined) {
    option.argParser((text: string, earlier: unknown) => {
      try {
        return parse(text, earlier === value ? undefined : earlier)
      } catch (error) {
        throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error
      }
    })
  }
  return option
}

const shown = (value: number, flags: string) => (flags.includes('duration') ? `${value / 1000}s` : `${value}`)
