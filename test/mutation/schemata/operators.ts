import ts from 'typescript'

/** What one mutant puts in the place of a node, as TypeScript. */
export interface Mutation {
  /** What kind of change it is. */
  readonly operator: string
  /** The text it has there instead; a statement's is empty. */
  readonly text: string
}

const kinds = ts.SyntaxKind
/** Larger numbers are limits, sizes and times: that one is off by 1 is nobody's fault. */
const LARGEST_NUMBER = 16

const others: Readonly<Record<string, readonly [operator: string, ...to: string[]]>> = {
  '<': ['boundary', '<=', '>='],
  '<=': ['boundary', '<', '>'],
  '>': ['boundary', '>=', '<='],
  '>=': ['boundary', '>', '<'],
  '===': ['equality', '!=='],
  '!==': ['equality', '==='],
  '==': ['equality', '!='],
  '!=': ['equality', '=='],
  '+': ['arithmetic', '-'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '/'],
  '/': ['arithmetic', '*'],
  '%': ['arithmetic', '*'],
  '+=': ['arithmetic', '-='],
  '-=': ['arithmetic', '+='],
  '&&': ['logical', '||'],
  '||': ['logical', '&&'],
}

const methods = new Map([
  ['some', 'every'],
  ['every', 'some'],
])
const staticMethods = new Map([
  ['Math.min', 'Math.max'],
  ['Math.max', 'Math.min'],
])
/** What a chain goes without, and is still of the same kind. */
const removed = new Set(['filter', 'sort', 'reverse', 'slice', 'toSorted', 'toReversed', 'trim'])

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)))

/** `64 * 1024` is a number, too. */
const isConstant = (node: ts.Node): boolean =>
  ts.isNumericLiteral(node) || (ts.isBinaryExpression(node) && isConstant(node.left) && isConstant(node.right))

/** Every mutant of an expression, without those of the expressions in it. */
export function expressionMutations(node: ts.Expression): Mutation[] {
  if (isWithinChain(node)) return []
  return [...conditionMutations(node), ...valueMutations(node)]
}

/** `a?.b` of `a?.b.c`: in brackets of its own it would no longer end what comes after it. */
function isWithinChain(node: ts.Node): boolean {
  const { parent } = node
  const isLink =
    ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isCallExpression(parent)
  return isLink && parent.expression === node && (node.flags & ts.NodeFlags.OptionalChain) !== 0
}

/** A condition that always holds, or never does. A loop whose condition always holds would only never end. */
function conditionMutations(node: ts.Expression): Mutation[] {
  const { parent } = node
  const branches =
    (ts.isIfStatement(parent) && parent.expression === node) ||
    (ts.isConditionalExpression(parent) && parent.condition === node)
  const loops =
    (ts.isWhileStatement(parent) && parent.expression === node) ||
    (ts.isForStatement(parent) && parent.condition === node)
  if (node.kind === kinds.TrueKeyword || node.kind === kinds.FalseKeyword) return []
  const always = branches ? ['true', 'false'] : loops ? ['false'] : []
  return always.map(text => ({ operator: 'condition', text }))
}

function valueMutations(node: ts.Expression): Mutation[] {
  if (ts.isBinaryExpression(node)) return binaryMutations(node)
  if (ts.isCallExpression(node)) return callMutations(node)
  if (ts.isPrefixUnaryExpression(node)) return prefixMutations(node)
  if (ts.isPostfixUnaryExpression(node)) {
    // A loop that counts the other way never ends.
    if (ts.isForStatement(node.parent)) return []
    const to = node.operator === kinds.PlusPlusToken ? '--' : '++'
    return [{ operator: 'arithmetic', text: node.operand.getText() + to }]
  }
  if (ts.isNumericLiteral(node)) {
    const value = Number(node.text)
    if (value > LARGEST_NUMBER || !Number.isInteger(value)) return []
    return [value + 1, value - 1].map(each => ({ operator: 'number', text: String(each) }))
  }
  if (node.kind === kinds.TrueKeyword) return [{ operator: 'boolean', text: 'false' }]
  if (node.kind === kinds.FalseKeyword) return [{ operator: 'boolean', text: 'true' }]
  return []
}

function binaryMutations(node: ts.BinaryExpression): Mutation[] {
  const [left, right, sign] = [node.left.getText(), node.right.getText(), node.operatorToken.getText()]
  if (sign === '??') return [left, right].map(text => ({ operator: 'fallback', text }))
  const [operator, ...to] = others[sign] ?? []
  if (operator === undefined || (sign.startsWith('+') && isText(node)) || isConstant(node)) return []
  return to.map(each => ({ operator, text: `(${left}) ${each} (${right})` }))
}

function callMutations(node: ts.CallExpression): Mutation[] {
  const { expression: callee } = node
  if (!ts.isPropertyAccessExpression(callee)) return []
  const [text, target, name] = [node.getText(), callee.expression.getText(), callee.name.text]
  const rest = text.slice(callee.end - node.getStart())
  const other = staticMethods.get(callee.getText())
  if (other !== undefined) return [{ operator: 'method', text: other + rest }]
  const dot = callee.questionDotToken ? '?.' : '.'
  const to = methods.get(name)
  if (to !== undefined) return [{ operator: 'method', text: target + dot + to + rest }]
  return removed.has(name) && !callee.questionDotToken ? [{ operator: 'method', text: target }] : []
}

function prefixMutations(node: ts.PrefixUnaryExpression): Mutation[] {
  const operand = node.operand.getText()
  if (node.operator === kinds.ExclamationToken) return [{ operator: 'negation', text: operand }]
  if (node.operator === kinds.MinusToken) return [{ operator: 'arithmetic', text: `+(${operand})` }]
  const isCount = node.operator === kinds.PlusPlusToken || node.operator === kinds.MinusMinusToken
  if (!isCount || ts.isForStatement(node.parent)) return []
  return [{ operator: 'arithmetic', text: (node.operator === kinds.PlusPlusToken ? '--' : '++') + operand }]
}

const logMethods = /(^|\.)(log|logger|silentLog)\??\.(trace|debug|info|warn|error|fatal)$/

/** What is words alone: lines of the log, and the texts of errors. */
export function isWords(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return logMethods.test(node.expression.getText())
  return ts.isNewExpression(node) && /Error$/.test(node.expression.getText())
}

/** What a statement is without: the whole of it, or what it returns. */
export function statementMutation(node: ts.Statement): Mutation | undefined {
  if (ts.isExpressionStatement(node)) {
    const call = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression
    const isSuper = ts.isCallExpression(call) && call.expression.kind === kinds.SuperKeyword
    return isSuper || isWords(call) ? undefined : { operator: 'statement removed', text: '' }
  }
  if (ts.isReturnStatement(node)) return returnMutation(node)
  const leaves = ts.isThrowStatement(node) || ts.isContinueStatement(node) || ts.isBreakStatement(node)
  return leaves && !isLastOfCase(node) ? { operator: 'statement removed', text: '' } : undefined
}

function returnMutation({ expression }: ts.ReturnStatement): Mutation | undefined {
  if (expression === undefined) return { operator: 'statement removed', text: '' }
  if (['undefined', 'true', 'false', '[]'].includes(expression.getText())) return undefined
  return { operator: 'return value', text: ts.isArrayLiteralExpression(expression) ? 'return []' : 'return undefined' }
}

const isLastOfCase = (node: ts.Node) => ts.isCaseOrDefaultClause(node.parent)

/** Whether a block can do without what is in it; one statement alone is removed as itself. */
export function canBeEmptied(block: ts.Block): boolean {
  const { parent, statements } = block
  if (statements.length < 2) return false
  if (ts.isConstructorDeclaration(parent)) return !block.getText().includes('super(')
  return !(ts.isWhileStatement(parent) || ts.isDoStatement(parent) || (ts.isForStatement(parent) && !parent.condition))
}
