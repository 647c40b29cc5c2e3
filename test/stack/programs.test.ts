import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onPath, parseJavaVersion } from '../../src/stack/programs'

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "25" 2025-09-16 LTS', 25],
  ['java version "1.8.0_392"', 8],
  ['The operation could not be completed. Unable to locate a Java Runtime.', undefined],
])('the major version in %s', (printed, version) => expect(parseJavaVersion(printed)).toBe(version))

describe('on a machine that lacks programs', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-path-'))
    mkdirSync(join(folder, 'bin'))
    symlinkSync(process.execPath, join(folder, 'bin', 'node'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const up = (extra: Record<string, string> = {}) => {
    const env = {
      PATH: join(folder, 'bin'),
      HOME: folder,
      WEIR_HOME: join(folder, 'home'),
      WEIR_CACHE: join(folder, 'cache'),
    }
    const args = [resolve('bin/run.mjs'), 'src/cli/programs/stack.ts', 'up']
    return spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...env, ...extra } })
  }
  const java = (version: string): void =>
    writeFileSync(join(folder, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`, { mode: 0o755 })

  test('a program is found only where it can be run', () => {
    writeFileSync(join(folder, 'mosquitto'), '', { mode: 0o644 })
    mkdirSync(join(folder, 'bin', 'mosquitto'))
    expect(onPath('mosquitto', `${folder}:${join(folder, 'bin')}`)).toBeUndefined()
    expect(onPath('node', `${folder}:${join(folder, 'bin')}`)).toBe(join(folder, 'bin', 'node'))
  })

  test.each([
    ['no Java', () => {}, /needs a JDK of version 17 or newer and Maven: install with .* or run `docker compose up`/],
    ['an old Java', () => java('1.8.0_392'), /needs a JDK of version 17 or newer and Maven:/],
    ['no Maven', () => java('21.0.2'), /needs Maven:/],
  ])('%s is one sentence that says what to install, and exit 1', (_case, prepare, sentence) => {
    prepare()
    const { status, stdout, stderr } = up()
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(sentence)])
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  test.each([
    [['up', 'zookeeper'], /"zookeeper" is none of kafka, registry, postgres, mqtt/],
    [['logs', '-n', 'all'], /lines must be a whole number/],
    [['upp'], /unknown command/],
    [['up', '--force'], /unknown option/],
  ])('wrong usage is exit 2: %j', (args, sentence) => {
    const run = [resolve('bin/run.mjs'), 'src/cli/programs/stack.ts', ...args]
    const { status, stderr } = spawnSync(process.execPath, run, { encoding: 'utf8' })
    expect([status, stderr.trim()]).toEqual([2, expect.stringMatching(sentence)])
  })

  test('wrong ports are exit 2', () => {
    const { status, stderr } = up({ WEIR_STACK_PORTS: 'kafka=http' })
    expect(stderr).toBe('weir: WEIR_STACK_PORTS: kafka="http" is no port (0-65535)\n')
    expect(status).toBe(2)
  })
})
