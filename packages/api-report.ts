import { join } from 'node:path'
import ts from 'typescript'
import { plans, publicTypes, root } from './build'

/** Where a package's report is checked in. */
export const reportOf = (name: string): string => join(root, 'packages', `${name}.api.md`)

const printer = ts.createPrinter({ removeComments: true })

const isPrivate = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)

/** A declaration without what its users can't see: comments, and a class's private members. */
function shown(node: ts.Declaration): string {
  // A constant's type is in its declaration, the keyword in the statement around it.
  const whole: ts.Node = ts.isVariableDeclaration(node) ? node.parent.parent : node
  const { transformed } = ts.transform(whole, [
    context => root => {
      const visit: ts.Visitor = each => (isPrivate(each) ? undefined : ts.visitEachChild(each, visit, context))
      return ts.visitNode(root, visit) ?? root
    },
  ])
  return printer.printNode(ts.EmitHint.Unspecified, transformed[0]!, node.getSourceFile())
}

/**
 * What a package's doors export, as text that a reviewer compares: a change to it is a change for those who use the package.
 * `declare` first.
 */
export function apiReport(name: string): string {
  const { folder } = publicTypes(name)
  const doors = plans[name]!.doors
  const options = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, types: ['node'] }
  const program = ts.createProgram(
    doors.map(door => join(folder, `${door}.d.ts`)),
    { ...options, target: ts.ScriptTarget.ES2022 },
  )
  const checker = program.getTypeChecker()
  const parts = doors.map(door => {
    const source = program.getSourceFile(join(folder, `${door}.d.ts`))!
    const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!)
    const declarations = symbols
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(symbol => {
        const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
        return `// ${symbol.name}\n${(real.declarations ?? []).map(shown).sort().join('\n')}`
      })
    return `## ${doorName(name, door)}\n\n\`\`\`ts\n${declarations.join('\n\n')}\n\`\`\`\n`
  })
  return `# What ${name} exports\n\nWritten by \`npm run api\`; a test compares it. A change here is one for the package's users, and belongs in CHANGELOG.md.\n\n${parts.join('\n')}`
}

const doorName = (name: string, door: string): string =>
  door.split('/').pop() === 'index' && !door.startsWith('testing') ? name : `${name}/${door.split('/')[0]}`
