import ts from 'typescript'

/** Compiled code with one space a level, where the compiler writes four. What is within a text of several lines stays as it is. */
export function lessIndented(code: string): string {
  const source = ts.createSourceFile('code.js', code, ts.ScriptTarget.ES2022)
  const texts: [from: number, to: number][] = []
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateLiteralToken(node)) texts.push([node.getStart(source), node.end])
    ts.forEachChild(node, visit)
  }
  visit(source)
  return code.replace(/^( {4})+/gm, (spaces, _four: string, at: number) =>
    texts.some(([from, to]) => from < at && at < to) ? spaces : ' '.repeat(spaces.length / 4),
  )
}
