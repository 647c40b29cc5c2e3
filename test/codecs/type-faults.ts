import { resolve } from 'node:path'
import ts from 'typescript'

const options: ts.CompilerOptions = {
  ...{ strict: true, noEmit: true, skipLibCheck: true, esModuleInterop: true, resolveJsonModule: true },
  ...{ exactOptionalPropertyTypes: true, module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022 },
  ...{ types: ['node'], typeRoots: [resolve(__dirname, '../../node_modules/@types')] },
  paths: { 'weir-streams': [resolve(__dirname, '../../src/index.ts')] },
}

/** What a strict compiler has against a file that imports `weir-streams`: a sentence each, with its line. */
export function typeFaults(file: string): string[] {
  const program = ts.createProgram([file], options)
  const source = program.getSourceFile(file)
  return program.getSemanticDiagnostics(source).map(({ messageText, start = 0 }) => {
    const line = (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}
