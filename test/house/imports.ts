import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

export const root = resolve(__dirname, '../..')
const skipped = new Set(['node_modules', '.weir', '.git', 'dist', 'coverage', 'site'])

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(path)
    return [path]
  })
}

/** Every file of the repository, from its root. */
export const files: readonly string[] = walk('')
export const code = files.filter(path => /\.(tsx?|mjs|js)$/.test(path) && !path.endsWith('.d.ts'))
export const sources = code.filter(path => path.startsWith('src/') && /\.tsx?$/.test(path))
export const text = (path: string): string => readFileSync(join(root, path), 'utf8')
export const parse = (path: string) => ts.createSourceFile(path, text(path), ts.ScriptTarget.ES2022, true)

export interface Import {
  readonly from: string
  /** A file of this repository without its extension, or a package. */
  readonly to: string
  readonly isType: boolean
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  const clause = ts.isImportDeclaration(node) ? node.importClause : node
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const named = ts.isImportClause(clause) ? clause.namedBindings : clause.exportClause
  if (ts.isImportClause(clause) && clause.name !== undefined) return false
  if (named === undefined || !(ts.isNamedImports(named) || ts.isNamedExports(named))) return false
  return named.elements.every(element => element.isTypeOnly)
}

function importsOf(path: string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node, isType: boolean) => {
    if (!ts.isStringLiteral(specifier)) return
    const name = specifier.text
    const to = name.startsWith('.') ? relative(root, resolve(root, dirname(path), name)) : name
    found.push({ from: path, to, isType })
  }
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      add(node.moduleSpecifier, isTypeOnly(node))
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    if (ts.isCallExpression(node) && node.arguments[0]) {
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require'
      if (isRequire || node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(parse(path))
  return found
}

/** Every import of the repository's code. */
export const imports: readonly Import[] = code.flatMap(importsOf)

const isFile = new Set(sources)
/** The source file that an import of a source file means; undefined for packages and for what lies outside of `src`. */
function fileOf(to: string): string | undefined {
  return [`${to}.ts`, `${to}.tsx`, `${to}/index.ts`, to].find(path => isFile.has(path))
}

/** Which source file imports which, types included. */
export const fileArrows: ReadonlyMap<string, readonly string[]> = new Map(
  sources.map(from => [
    from,
    [...new Set(imports.flatMap(each => (each.from === from ? (fileOf(each.to) ?? []) : [])))].filter(
      to => to !== from,
    ),
  ]),
)

/** Groups of names that reach one another by arrows: circles. Tarjan's algorithm. */
export function circles(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const visit = (name: string): void => {
    order.set(name, order.size)
    low.set(name, order.get(name)!)
    stack.push(name)
    for (const next of arrows.get(name) ?? []) {
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) low.set(name, Math.min(low.get(name)!, low.get(next)!))
    }
    if (low.get(name) !== order.get(name)) return
    const circle = stack.splice(stack.indexOf(name))
    if (circle.length > 1) found.push(circle.sort())
  }
  for (const name of arrows.keys()) if (!order.has(name)) visit(name)
  return found
}
