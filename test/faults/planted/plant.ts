import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { transformSync } from 'esbuild'
import { bugs } from './bugs'
import { replaceModules } from './replace-modules'

const root = join(__dirname, '../../..')

/** Makes the module that is required from now on have the bug; `isLoaded` once it was. Throws where there is no such bug, as does the loading where the source isn't as the bug expects it. */
export function plant(name: string | undefined): { readonly isLoaded: boolean } | undefined {
  if (name === undefined) return undefined
  const bug = bugs.find(each => each.name === name)
  if (bug === undefined) throw new RangeError(`there is no planted bug ${name}`)
  const planted = { isLoaded: false }
  replaceModules(file => {
    if (relative(root, file) !== bug.file) return undefined
    planted.isLoaded = true
    const options = { loader: 'ts', format: 'cjs', target: 'node20' } as const
    return transformSync(withBug(bug.file, bug.from, bug.to), options).code
  })
  return planted
}

/** The file's text with the bug in it. */
export function withBug(file: string, from: string, to: string): string {
  const source = readFileSync(join(root, file), 'utf8')
  if (source.split(from).length !== 2)
    throw new Error(
      `${file}: the text that a planted bug replaces is there ${source.split(from).length - 1} times: ${from}`,
    )
  return source.replace(from, () => to)
}
