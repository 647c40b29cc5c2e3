import ts from 'typescript'
import { canBeEmptied, expressionMutations, isWords, statementMutation } from './operators'

/** One change of one place of a file. */
export interface Mutant {
  /** File, line's text and change: the same as long as the line is. */
  readonly key: string
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly operator: string
  readonly from: string
  readonly to: string
}

export interface Schemata {
  readonly mutants: readonly Mutant[]
  /** TypeScript in which every mutant of the file is, each behind `SWITCH(number)`. */
  readonly code: string
}

/** The global function that says whether the mutant of a number is on. */
export const SWITCH = '__weirMutant'
const LONGEST = 60

/** Compiles every mutant of a file into it; the first has the number `first`. With none of them on it does what the source does. */
export function schemata(file: string, source: string, first = 0): Schemata {
  return new Writer(file, source, first).written()
}

type Edit = readonly [start: number, end: number, text: string]

const short = (text: string) => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}

class Writer {
  private readonly mutants: Mutant[] = []
  private readonly seen = new Map<string, number>()
  private readonly root: ts.SourceFile
  private readonly lines: readonly string[]

  constructor(
    private readonly file: string,
    private readonly source: string,
    private readonly first: number,
  ) {
    this.root = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true)
    this.lines = source.split('\n')
  }

  written(): Schemata {
    const code = this.spliced(this.root, 0, this.source.length)
    return { mutants: this.mutants, code }
  }

  /** The text of a node, with the mutants of what is in it. */
  private spliced(node: ts.Node, start: number, end: number): string {
    const edits: Edit[] = []
    ts.forEachChild(node, child => {
      if (isLeftAlone(child)) return
      edits.push([child.getStart(), child.end, this.node(child)])
    })
    let text = ''
    let at = start
    for (const [from, to, instead] of edits) {
      text += this.source.slice(at, from) + instead
      at = to
    }
    return text + this.source.slice(at, end)
  }

  private node(node: ts.Node): string {
    const numbers = (mutations: readonly { operator: string; text: string }[]) =>
      mutations.map(({ operator, text }) => [this.add(node, operator, text), text] as const)
    if (ts.isBlock(node)) return this.block(node)
    if (ts.isStatement(node)) return this.statement(node)
    if (!ts.isExpression(node)) return this.inner(node)
    const own = numbers(expressionMutations(node))
    const inner = this.inner(node)
    if (own.length === 0) return inner
    const choices = own.map(([number, text]) => `${SWITCH}(${number}) ? (${text}) : `)
    return `(${choices.join('')}(${inner}))`
  }

  private inner(node: ts.Node): string {
    return this.spliced(node, node.getStart(), node.end)
  }

  private block(node: ts.Block): string {
    if (!canBeEmptied(node)) return this.inner(node)
    const number = this.add(node, 'block emptied', '{}')
    const inner = this.inner(node).slice(1, -1)
    // Functions that are declared in it are to be seen from all of it.
    if (ts.isFunctionLike(node.parent)) return `{ if (${SWITCH}(${number})) return; ${inner} }`
    return `{ if (!${SWITCH}(${number})) { ${inner} } }`
  }

  private statement(node: ts.Statement): string {
    const mutation = statementMutation(node)
    const number = mutation && this.add(node, mutation.operator, mutation.text)
    const inner = this.inner(node)
    if (number === undefined) return ts.isExpressionStatement(node) ? `{ ;${inner} }` : inner
    const instead = mutation?.text === '' ? '' : `if (${SWITCH}(${number})) ${mutation?.text}; `
    return instead === '' ? `{ if (!${SWITCH}(${number})) { ;${inner} } }` : `{ ${instead}${inner} }`
  }

  /** Returns its number. */
  private add(node: ts.Node, operator: string, to: string): number {
    const start = node.getStart()
    const { line } = this.root.getLineAndCharacterOfPosition(start)
    const from = short(node.getText())
    const text = this.lines[line]?.trim() ?? ''
    const name = `${this.file} | ${text} | ${operator} | ${from} => ${short(to)}`
    const before = this.seen.get(name) ?? 0
    this.seen.set(name, before + 1)
    const key = before === 0 ? name : `${name} #${before + 1}`
    this.mutants.push({ key, file: this.file, line: line + 1, operator, from, to: short(to) })
    return this.first + this.mutants.length - 1
  }
}

/** Types, imports and words have no mutants; nor does a name in brackets or before a colon. */
function isLeftAlone(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isTypeParameterDeclaration(node)) return true
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node)) return true
  const isName =
    (ts.isPropertyAssignment(node.parent) || ts.isPropertyDeclaration(node.parent)) && node.parent.name === node
  return isName || isWords(node)
}
