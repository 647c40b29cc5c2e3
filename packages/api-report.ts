import { join } from 'node:path'
import ts from 'typescript'
import { plans, root, typesFolder } from './build'
import { doorSymbols } from './door-symbols'

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
  const parts = doorSymbols(typesFolder, plans[name]!.doors).map(({ path, exports }) => {
    const declarations = exports.map(
      ({ name: exported, declarations }) => `// ${exported}\n${declarations.map(shown).sort().join('\n')}`,
    )
    return `## ${doorName(name, path)}\n\n\`\`\`ts\n${declarations.join('\n\n')}\n\`\`\`\n`
  })
  return `# What ${name} exports\n\nWritten by \`npm run api\`; a test compares it. A change here is one for the package's users, and belongs in CHANGELOG.md.\n\n${parts.join('\n')}`
}

const doorName = (name: string, door: string): string =>
  door === 'index' || plans[name]!.doors.length === 1 ? name : `${name}/${door.split('/')[0]}`
