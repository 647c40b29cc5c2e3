import fs, { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UnavailableError } from '../../src/errors'
import { closeEnvironments } from '../../src/state/disk/environment'
import { DamagedCopyError, LocalCopy } from '../../src/state/disk/local-copy'

const root = mkdtempSync(join(tmpdir(), 'weir-damaged-'))
let folders = 0
let folder = ''
beforeEach(() => {
  folder = join(root, String(++folders))
})
afterEach(() => closeEnvironments(root))
afterAll(() => rmSync(root, { recursive: true }))

const page = 4096
const open = () =>
  new LocalCopy({ folder, origin: 'changelog 1', longestAwayMs: 1000, now: () => 0, timeKey: at => `t${at}` })
const file = () => join(folder, 'data.mdb')
const entriesOf = (copy: LocalCopy) => [...copy.entries('', '\xff', at => at)].length
const changes = (count: number, of = 'k') =>
  new Map(Array.from({ length: count }, (_, i) => [`${of}${i}`, Buffer.from(`value ${i}`.padEnd(100))] as const))

/** Leaves a copy of 2000 entries behind. */
async function filled(): Promise<void> {
  const copy = open()
  for (let i = 0; i < 4; i++) await copy.write(changes(500, `k${i}-`), 500 * (i + 1))
  await closeEnvironments(root)
}

function over(from: number, bytes: Buffer): void {
  const handle = openSync(file(), 'r+')
  writeSync(handle, bytes, 0, bytes.length, from)
  closeSync(handle)
}

const damages: Readonly<Record<string, () => void>> = {
  'cut off within its head': () => truncateSync(file(), 100),
  'cut off behind its first head': () => truncateSync(file(), page),
  'cut off within its pages': () => truncateSync(file(), 50 * page),
  'without a head': () => over(0, Buffer.alloc(64)),
  'of something else': () => over(0, Buffer.alloc(2 * page, 'x')),
}

// LMDB maps such a file as it is, and the process ends by a signal as it touches it.
test.each(Object.keys(damages))('a file that is %s begins anew, and says so', async damage => {
  await filled()
  damages[damage]?.()
  const copy = open()
  expect([copy.position, copy.size, copy.emptied]).toEqual([0, 0, 'its file was damaged'])
  expect(await copy.write(changes(10), 10)).toBe(true)
  await closeEnvironments(root)
  expect([open().position, entriesOf(open()), open().emptied]).toEqual([10, 10, undefined])
})

test('pages that are none give the copy up, whoever reads, and the next one begins anew', async () => {
  await filled()
  const copy = open()
  over(2 * page, Buffer.alloc(statSync(file()).size - 2 * page))
  expect(() => entriesOf(copy)).toThrow(DamagedCopyError)
  expect(() => copy.get('k1-1', at => at)).toThrow(/is damaged, and the store is restored from its changelog/)
  expect([copy.isOurs, copy.position]).toEqual([false, 0])
  const next = open()
  expect([next.position, next.size, next.isOurs]).toEqual([0, 0, true])
})

test('room is made before LMDB writes, so that a full disk is waited for, and has changed nothing', async () => {
  await filled()
  const copy = open()
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const append = jest
    .spyOn(fs, 'appendFile')
    .mockImplementation(((_: number, __: Buffer, done: (error: Error) => void) => done(full)) as typeof fs.appendFile)
  try {
    const written = copy.write(changes(5_000, 'more'), 7_000)
    await expect(written).rejects.toThrow(/^disk: .* can't be written to: ENOSPC/)
    await expect(written).rejects.toThrow(UnavailableError)
    expect([append.mock.calls.length, copy.position, entriesOf(copy)]).toEqual([1, 2_000, 2_000])
  } finally {
    append.mockRestore()
  }
  expect(await copy.write(changes(5_000, 'more'), 7_000)).toBe(true)
  expect([copy.position, entriesOf(copy)]).toEqual([7_000, 7_000])
})

test('without the room behind its pages it is whole', async () => {
  await filled()
  truncateSync(file(), statSync(file()).size - 32_768)
  expect([open().position, entriesOf(open())]).toEqual([2_000, 2_000])
})

test('what LMDB writes fits into the room that was made', async () => {
  const copy = open()
  for (let i = 0; i < 20; i++) {
    await copy.write(changes(1_000, `${(i * 7) % 20}-`), i)
    const before = statSync(file()).size
    await copy.write(new Map([[`one-${i}`, Buffer.from('1')]]), i)
    // A file that LMDB itself had made longer would lack room for the next change.
    expect(statSync(file()).size - before).toBeLessThanOrEqual(300_000)
  }
})
