import Module from 'node:module'

type Load = (module: { _compile(code: string, file: string): void }, file: string) => void

/** Every TypeScript module that is required from now on is what `codeOf` its path says, in JavaScript; the usual one where that is undefined. */
export function replaceModules(codeOf: (file: string) => string | undefined): void {
  const { _extensions: loaders } = Module as unknown as { _extensions: Record<string, Load> }
  const usual = loaders['.ts']
  loaders['.ts'] = (module, file) => {
    const code = codeOf(file)
    if (code === undefined) usual?.(module, file)
    else module._compile(code, file)
  }
}
