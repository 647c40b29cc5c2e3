import Module, { createRequire } from 'node:module'
import { dirname } from 'node:path'
import vm from 'node:vm'

type Body = (exports: unknown, require: NodeJS.Require, module: Module, file: string, folder: string) => void
type Load = (module: Compiling, file: string) => void
interface Compiling extends Module {
  _compile(code: string, file: string): void
}

/**
 * From now on a TypeScript module that is loaded anew runs the function that it was compiled to the first time: a test file has a hundred modules, and to
 * compile them takes longer than to run it.
 */
export function compileOnce(): void {
  const { _extensions: loaders } = Module as unknown as { _extensions: Record<string, Load> }
  const usual = loaders['.ts']
  const compiled = new Map<string, Body>()
  const run = (module: Module, file: string, body: Body) =>
    body.call(module.exports, module.exports, createRequire(file), module, file, dirname(file))
  loaders['.ts'] = (module, file) => {
    const known = compiled.get(file)
    if (known !== undefined) return run(module, file, known)
    module._compile = (code: string, at: string) => {
      const body = vm.compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], {
        filename: at,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      }) as Body
      compiled.set(file, body)
      run(module, at, body)
    }
    usual?.(module, file)
  }
}
