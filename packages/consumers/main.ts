import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resetStack, startStack } from '../../src/stack'
import { build } from '../build'
import { tarball } from '../tarball'
import { Consumer, type Kind, kinds } from './consumer'
import { checkCreated, created } from './created'

/**
 * `npm run consumers [-- kind...]`: packs weir, installs the tarballs into fresh projects of different kinds, and has each compile, test and
 * run its topology on a local stack; those that `npm create weir` makes compile and run their tests. Exit code 1 when one of them fails.
 */
async function main(chosen: readonly string[]): Promise<void> {
  const all = [...kinds.map(({ name }) => name), ...created.keys()]
  const unknown = chosen.filter(name => !all.includes(name))
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: give some of ${all.join(', ')}`)
  const tarballs: Record<string, string> = {}
  for (const folder of await build()) tarballs[folder.split('/').pop() ?? ''] = await tarball(folder)
  const scratch = mkdtempSync(join(tmpdir(), 'weir-consumers-'))
  // Postgres runs as another user when root runs this: it must be able to enter.
  chmodSync(scratch, 0o755)
  const isChosen = (name: string): boolean => chosen.length === 0 || chosen.includes(name)
  try {
    for (const [name, project] of created)
      if (isChosen(name)) {
        const options = { ...project, folder: join(scratch, name), tarballs, environment: process.env }
        await checked(name, () => checkCreated(options))
      }
    await onServices(
      kinds.filter(({ name }) => isChosen(name)),
      scratch,
      tarballs,
    )
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function onServices(
  chosen: readonly Kind[],
  scratch: string,
  tarballs: Readonly<Record<string, string>>,
): Promise<void> {
  if (chosen.length === 0) return
  const home = join(scratch, 'services')
  mkdirSync(home)
  const ports = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
  const stack = await startStack({ home, attached: true, ports })
  try {
    for (const kind of chosen) {
      const environment = { ...process.env, WEIR_HOME: home }
      const options = { kind, folder: join(scratch, kind.name), tarballs, environment }
      await checked(kind.name, () => new Consumer(options).check())
    }
  } finally {
    await stack.stop()
    await resetStack(home)
  }
}

async function checked(name: string, check: () => Promise<void>): Promise<void> {
  const startedAtMs = performance.now()
  const took = () => `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`
  try {
    await check()
    console.log(`${name.padEnd(14)} well    ${took()}`)
  } catch (error) {
    console.log(`${name.padEnd(14)} FAILED  ${took()}\n${(error as Error).message.replace(/^/gm, '    ')}`)
    process.exitCode = 1
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`consumers: ${error.message}`)
  process.exitCode = 1
})
