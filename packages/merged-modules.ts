import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import ts from 'typescript'
import { moduleAt, modulesRequired } from './module-graph'

export interface MergedModules {
  /** Compiled code, by file, of modules that others have become part of. */
  readonly whole: ReadonlyMap<string, string>
  /** Files that there are none of any more. */
  readonly parts: ReadonlySet<string>
}

interface Modules {
  /** Where their sources are. */
  readonly sources: string
  /** Where they are compiled. */
  readonly compiled: string
  /** Compiled files, from that folder. */
  readonly files: readonly string[]
  /** Whether a file is required by somebody whom this package doesn't know, or has to be found by its name. */
  readonly staysAlone: (file: string) => boolean
}

/** It loads others when it is used, or asks where it lies. */
const isBound =
  /(?<!\.|async )\b(?:require|load|program)\(|(?<!typeof )\bimport\(|require\.resolve|__dirname|__filename/
/** Of two classes of one name the bundler renames one, and names of errors are read. */
const renamed = /\bclass \w*[A-Za-z]\d+ extends/

/**
 * Makes one module of each and of those that are loaded by it alone, or only together with it: what each module repeats (its header in the tarball, its
 * exports, its requires) is a fortieth of what is downloaded.
 */
export async function mergedModules(modules: Modules): Promise<MergedModules> {
  const into = mergedInto(modules)
  const whole = new Map<string, string>()
  for (const file of new Set(into.values())) whole.set(file, await merged(file, modules, into))
  return { whole, parts: new Set(into.keys()) }
}

const sourceOf = (file: string, { sources }: Modules): string => join(sources, file.replace(/\.js$/, '.ts'))

/** Which module each part belongs to in the end: the only one that all lead to it from. */
function mergedInto(modules: Modules): Map<string, string> {
  const { compiled, files, staysAlone } = modules
  const isFree = new Set(
    files.filter(file => !staysAlone(file) && !isBound.test(readFileSync(sourceOf(file, modules), 'utf8'))),
  )
  const importers = new Map<string, string[]>()
  for (const file of files)
    for (const each of modulesRequired(compiled, file)) importers.set(each, [...(importers.get(each) ?? []), file])
  const into = new Map<string, string>()
  const wholeOf = (file: string): string => into.get(file) ?? file
  for (let before = -1; before < into.size; ) {
    before = into.size
    for (const file of isFree) {
      const [whole, ...others] = new Set(importers.get(file)?.map(wholeOf))
      if (whole === undefined || others.length > 0 || whole === wholeOf(file) || !isFree.has(whole)) continue
      for (const [part, of] of into) if (of === file) into.set(part, whole)
      into.set(file, whole)
    }
  }
  return into
}

async function merged(file: string, modules: Modules, into: ReadonlyMap<string, string>): Promise<string> {
  const { sources, compiled } = modules
  const parts: Plugin = {
    name: 'parts',
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ kind, path, importer }) => {
        if (kind === 'entry-point') return undefined
        if (!path.startsWith('.')) return { path, external: true }
        const from = relative(sources, importer).replace(/\.ts$/, '.js')
        const target = moduleAt(compiled, from, path)
        if (into.get(target) === file) return { path: sourceOf(target, modules) }
        const way = relative(dirname(file), target.replace(/\.js$/, ''))
        return { path: way.startsWith('.') ? way : `./${way}`, external: true }
      })
    },
  }
  const result = await build({
    ...{ entryPoints: [sourceOf(file, modules)], bundle: true, write: false, plugins: [parts] },
    ...{ format: 'esm' as const, platform: 'node' as const, target: 'es2022' },
  })
  const [{ text } = { text: '' }] = result.outputFiles
  const [other] = renamed.exec(text) ?? []
  if (other !== undefined) throw new Error(`${file} would have two classes of one name: ${other}`)
  const { ES2022 } = ts.ScriptTarget
  const options = { module: ts.ModuleKind.CommonJS, target: ES2022, esModuleInterop: true, removeComments: true }
  return ts.transpileModule(text, { compilerOptions: options }).outputText
}
