import { join, resolve } from 'node:path'
import ts from 'typescript'
import type { Topology } from '../src'
import { TopologyTestDriver } from '../src/testing'

const root = resolve(__dirname, '..')

/** An example of the page: code, and lines of input with what each causes. */
export interface Example {
  readonly title: string
  readonly code: string
  /** `topic key value @timestamp`, and `→ ...` below each. */
  readonly lines: readonly string[] | undefined
}

/** The examples of a page: each `ts` block, with the `text` block behind it if there is one. */
export function examplesOf(markdown: string): Example[] {
  const blocks = /^```ts\n([\s\S]*?)^```\n(?:```text\n([\s\S]*?)^```$)?/gm
  return [...markdown.matchAll(blocks)].map(({ 1: code = '', 2: lines, index }) => ({
    title: [...markdown.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '',
    code,
    lines: lines?.trimEnd().split('\n'),
  }))
}

const mark = '  // the example\n'

/** The modules that the examples are: whole ones as they are, the others within the page's own frame. */
export function modulesOf(examples: readonly Example[]): string[] {
  const frame = examples.find(({ code }) => code.includes(mark))!.code
  return examples.map(({ code, lines }) => {
    if (lines === undefined) return code
    const imports = code.split('\n').filter(line => line.startsWith('import '))
    const body = code.split('\n').filter(line => !line.startsWith('import '))
    return [...imports, frame.replace(mark, () => `${body.join('\n')}\n`)].join('\n')
  })
}

const fileOf = (index: number) => join(root, `topology/example-${index}.ts`)

/** What the compiler says of modules, as if they lay in topology/. */
export function faultsOf(modules: readonly string[]): string[] {
  const sources = new Map(modules.map((code, i) => [fileOf(i), code]))
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
  const full = { ...options, noUnusedLocals: false, noUnusedParameters: false }
  const host = ts.createCompilerHost(full)
  const { getSourceFile, fileExists } = host
  host.fileExists = name => sources.has(name) || fileExists(name)
  host.getSourceFile = (name, ...rest) => {
    const source = sources.get(name)
    return source === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, source, ts.ScriptTarget.ES2022)
  }
  const program = ts.createProgram([...sources.keys()], full, host)
  return [...sources.keys()].flatMap((name, i) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(name))
      .map(({ messageText }) => `example ${i}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  )
}

/** The topology that a module exports. `load` requires a path relative to topology/. */
export function topologyOf(module: string, load: (path: string) => unknown): Topology {
  const { outputText } = ts.transpileModule(module, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  })
  const exported: { default?: Topology } = {}
  new Function('require', 'exports', outputText)(load, exported)
  return exported.default!
}

/** Runs the input lines of an example and gives all lines, with what each input caused. */
export async function played(built: Topology, lines: readonly string[]): Promise<string[]> {
  const driver = await TopologyTestDriver.create(built)
  const written = new Map<string, number>()
  const played: string[] = []
  for (const line of lines.filter(each => !each.trimStart().startsWith('→'))) {
    const match = /^(\S+) (\S+) (.*) @(\d+)$/.exec(line)
    if (match === null) throw new Error(`an input is written "topic key value @timestamp", not "${line}"`)
    const [, topic = '', key, value = '', timestamp] = match
    await driver.pipe(topic, { key, value: parsed(value), timestamp: Number(timestamp) })
    played.push(line)
    for (const output of driver.outputTopics)
      for (const { key, value, timestamp } of driver.read(output))
        played.push(`  → ${output} ${key} ${JSON.stringify(value)} @${timestamp}`)
    for (const { name } of driver.targets) {
      const records = driver.written(name)
      for (const { key, value, timestamp } of records.slice(written.get(name) ?? 0))
        played.push(`  → ${name} ${key} ${JSON.stringify(value)} @${timestamp}`)
      written.set(name, records.length)
    }
  }
  return played
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
