import { saslMechanisms } from '../../kafka-security'
import { nearest } from '../../nearest'
import { UsageError } from '../../ops/errors'
import { required } from '../../required'
import { common } from '../shared/common'
import { verb } from '../shared/verb'
import { programs, verbs } from './verbs'

const CONCEPTS = `SERVICES
  Kafka     --brokers, else KAFKA_BROKERS, else the local stack (.weir/stack.json), else 127.0.0.1:9092
            KAFKA_SSL=true, KAFKA_SASL_MECHANISM (${saslMechanisms.join(', ')});
            KAFKA_SASL_USERNAME, _PASSWORD, or with oauthbearer KAFKA_OAUTH_TOKEN_URL, _CLIENT_ID, _CLIENT_SECRET
  registry  --registry, else SCHEMA_REGISTRY_URL, else the local stack's
  A .env file in the working directory is read; the environment wins over it.

OUTPUT
  Data goes to stdout, notes to stderr. -o table is for people (colours only in a terminal, never with NO_COLOR),
  -o json for one document, -o ndjson for an object a line. Null is what a table shows as a dash.

EXIT CODES
  0 done   1 failure (a service out of reach, lines refused)   2 usage, a wrong topology or setting   3 not found
  4 refused: in use, exists, or without --yes   5 a check failed (groups lag --max, groups describe --require-members, schemas check)
  A closed pipe (weir consume t | head -1) is no error. Ctrl-C ends in order: what was begun is finished and told.

SAFETY
  Nothing is deleted and no offset moved without --yes (or --execute, the same). What looks (list, describe, peek,
  consume without --group) never joins, commits or creates anything.

NAMES
  topic, group, schema and dead-letter are taken for topics, groups, schemas and dead-letters, ls for list, rm for delete.
  What is written for kafka-topics.sh, kafka-console-consumer.sh, kcat and the like is answered with weir's line.
  Topics may be patterns: orders-*, or a regular expression, /^orders-\\d+$/ ('...' keeps the shell from reading them).

OFFSETS AND TIMES
  earliest, latest, 1200, -10 (the last ten of each partition), @time. A time is 2026-11-22T15:00:00Z, unix seconds,
  now, or an age such as -10m. A duration is 500ms, 10s, 5m, 2h or 7d.

FILTERS
  key, value, headers, topic, partition, offset, timestamp, with .field, ["field"], [0]; numbers, "texts", true, false,
  null; == != < <= > >=, =~ /regex/, !~ /regex/; && || ! ( ). As in: value.temperature > 30 && key == "7"`

export default verb({
  arguments: [{ name: '[command...]', about: 'a noun, or a noun and a verb' }],
  examples: [
    ['help', 'everything'],
    ['help groups reset', 'one command: its options and examples'],
  ],
  async run({ args, out }) {
    const name = args.join(' ')
    const names = Object.keys(verbs).filter(each => name === '' || each === name || each.startsWith(`${name} `))
    if (names.length === 0) {
      const meant = nearest(name, Object.keys(verbs))
      throw new UsageError(`there is no command "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`)
    }
    if (name === '') out.line(overview())
    for (const each of names) out.line(await page(each))
    if (name === '') out.line(`${CONCEPTS}\n\nOPTIONS OF EVERY COMMAND\n${options(common())}`)
  },
})

function overview(): string {
  const lines = Object.entries({ ...programs, ...verbs }).map(
    ([name, { summary }]) => `  weir ${name.padEnd(20)} ${summary}`,
  )
  return `weir: Kafka on the command line\n\nCOMMANDS\n${lines.join('\n')}\n`
}

/** One command as a manual page has it. */
async function page(name: string): Promise<string> {
  const { summary, load } = required(verbs[name], `the verb ${name}`)
  const { arguments: args = [], options: always = [], optionsFor, about, examples } = load()
  const own = [...((await optionsFor?.([])) ?? []), ...always]
  const parts = [`${name.toUpperCase()}: ${summary}`]
  parts.push(`  weir ${[name, ...args.map(each => each.name), '[options]'].join(' ')}`)
  if (about !== undefined) parts.push(indent(about))
  if (args.length + own.length > 0)
    parts.push(
      [
        ...args.map(each => row(each.name, each.about)),
        ...own.map(each => row(each.flags, each.about, each.default)),
      ].join('\n'),
    )
  parts.push(examples.map(([line, what]) => `  $ weir ${line}\n      ${what}`).join('\n'))
  return `${parts.join('\n')}\n`
}

const options = (list: ReturnType<typeof common>) => list.map(each => row(each.flags, each.about)).join('\n')
const row = (name: string, about: string, value?: unknown) =>
  `  ${name.padEnd(32)} ${about}${value === undefined ? '' : ` (${value})`}`
const indent = (text: string) =>
  text
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n')
