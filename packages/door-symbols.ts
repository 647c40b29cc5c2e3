import { join } from 'node:path'
import ts from 'typescript'

export interface Door {
  /** Its module, from the folder. */
  readonly path: string
  /** What it exports, by name. */
  readonly exports: readonly { readonly name: string; readonly declarations: readonly ts.Declaration[] }[]
}

/** What modules of compiled declarations export, wherever it was declared. */
export function doorSymbols(folder: string, doors: readonly string[]): Door[] {
  const files = doors.map(door => join(folder, `${door}.d.ts`))
  const options = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, types: ['node'] }
  const program = ts.createProgram(files, { ...options, target: ts.ScriptTarget.ES2022 })
  const checker = program.getTypeChecker()
  return doors.map((path, i) => {
    const source = program.getSourceFile(files[i] ?? '')
    const module = source && checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${files[i]} exports nothing`)
    const symbols = [...checker.getExportsOfModule(module)].sort((a, b) => (a.name < b.name ? -1 : 1))
    const exported = symbols.map(symbol => {
      const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      return { name: symbol.name, declarations: real.declarations ?? [] }
    })
    return { path, exports: exported }
  })
}

const printer = ts.createPrinter({ removeComments: true })

/** Declarations without comments: those that no door exports are there for the compiler, and editors show none of them. */
export const withoutComments = (text: string): string =>
  printer.printFile(ts.createSourceFile('types.d.ts', text, ts.ScriptTarget.ES2022))
