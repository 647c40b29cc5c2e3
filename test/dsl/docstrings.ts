import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(__dirname, '../..')
export const folder = 'src/dsl/face'

/** An example of a docstring: what it is an example of, its code, and lines of input with what each causes. */
export interface DocExample {
  readonly title: string
  readonly code: string
  readonly lines: readonly string[]
}

/** What an author can call: a method of an interface or an exported function, with its docstring's example if it has one. */
export interface Callable {
  readonly title: string
  readonly example: DocExample | undefined
}

function commentOf(node: ts.Node, source: ts.SourceFile): string {
  const [comment] = (ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []).slice(-1)
  return comment === undefined ? '' : source.text.slice(comment.pos, comment.end)
}

/** The example in a docstring: code, then `// topic key value @timestamp` lines, each with `//   → ...` lines of what it causes. */
function exampleIn(title: string, comment: string): DocExample | undefined {
  const at = comment.indexOf('@example')
  if (at < 0) return undefined
  const text = comment
    .slice(comment.indexOf('\n', at) + 1, comment.lastIndexOf('*/'))
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, ''))
  const isPlayed = (line: string) => /^\/\/ (\S+ \S+ .* @\d+| {2}→ .*)$/.test(line)
  return {
    title,
    code: text
      .filter(line => !isPlayed(line))
      .join('\n')
      .trim(),
    lines: text.filter(isPlayed).map(line => line.slice(3)),
  }
}

/** The interfaces that hold options or data: what is in them is a setting, not a call. */
const callable =
  /^(K(Grouped)?(Stream|Table)|Windowed(Cogrouped)?KStream|CogroupedKStream|GlobalKTable|StreamsBuilder)$/

/** Everything that an author can call, file by file. */
export function callables(): Callable[] {
  // What a record or a call is refused with is no call of the author's.
  const files = readdirSync(join(root, folder)).filter(file => !/^(figure-faults|missing-steps)\.ts$/.test(file))
  const paths = [...files.map(file => `${folder}/${file}`), 'src/dsl/impl/topology.ts']
  return paths.flatMap(path => {
    const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2022, true)
    const found: Callable[] = []
    /** Functions with overloads: their bodies come last, and are called through the overloads only. */
    const overloaded = new Set<string>()
    const add = (title: string, node: ts.Node) =>
      found.push({ title, example: exampleIn(title, commentOf(node, source)) })
    const visit = (node: ts.Node): void => {
      if (ts.isInterfaceDeclaration(node) && callable.test(node.name.text))
        for (const member of node.members)
          if (ts.isMethodSignature(member)) add(`${node.name.text}.${member.name.getText()}`, member)
      const isExported =
        ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      if (isExported && ts.isFunctionDeclaration(node)) {
        const name = node.name?.text ?? ''
        if (node.body === undefined) overloaded.add(name)
        if (node.body === undefined || !overloaded.has(name)) add(name, node)
      }
      if (isExported && ts.isVariableStatement(node))
        add(node.declarationList.declarations[0]?.name.getText() ?? '', node)
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })
}

const head = `import * as weir from '../src/index'
import type { KeyValueStore, ProcessorContext } from '../src/index'
import * as rx from 'rxjs'
import { reading } from '../schemas/types'
import { avro, bytes, count, double, first, hopping, integer, json, keyValueStore, last, long, max, mean, min, mqtt, postgres, session, sliding, stddev, sum, text, topology, tumbling, untilTimeLimit, untilWindowCloses, windowed } from '../src/index'

interface Order {
  readonly customer: string
  readonly total: number
}
interface Customer {
  readonly name: string
  readonly country: string
}
`

/** A module that an example is the middle of: what it names is there. */
export function moduleOf({ code }: DocExample): string {
  if (code.startsWith('export default')) return `${head}\n${code}\n`
  return `${head}
export default topology('example', streams => {
  const out = { key: text, value: json<any>() }
  const seen: string[] = []
  const orders = streams.stream('orders', { key: text, value: json<Order>() })
  const payments = streams.stream('payments', { key: text, value: json<number>() })
  const customers = streams.table('customers', { key: text, value: json<Customer>() })
  const countries = streams.globalTable('countries', { key: text, value: json<string>() })
${code}
})
`
}
