import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Folder } from '../../src/light/world/folder'
import { appendWhole, Journal } from '../../src/light/world/journal'
import { LogFile } from '../../src/light/world/log-file'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-kept-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const failed = (error: Error): never => {
  throw error
}

describe('a journal', () => {
  const file = () => join(folder, 'journal')

  test('has the last value of each name, and none that was deleted', () => {
    const journal = new Journal(file())
    journal.put('a', 'x', 1)
    journal.put('a', 'y', { n: [2] })
    journal.put('b', 'x', 3)
    journal.put('a', 'x', null)
    journal.put('a', 'y', undefined)
    journal.put('a', 'z', 'line\nbreak')
    const rows = [
      ['x', null],
      ['z', 'line\nbreak'],
    ]
    for (const each of [journal, new Journal(file()), new Journal(file())])
      expect([each.all('a'), each.all('b'), each.all('c')]).toEqual([rows, [['x', 3]], []])
  })

  test('a line that was cut off does not count, and what comes after it does', () => {
    new Journal(file()).put('a', 'x', 1)
    appendFileSync(file(), '["a","x",2')
    const journal = new Journal(file())
    expect(journal.all('a')).toEqual([['x', 1]])
    journal.put('a', 'y', 3)
    expect(new Journal(file()).all('a')).toEqual([
      ['x', 1],
      ['y', 3],
    ])
  })

  test('is written anew when most of it is out of date', () => {
    const journal = new Journal(file())
    const text = 'x'.repeat(100_000)
    let largest = 0
    for (let n = 0; n < 100; n++) {
      journal.put('a', 'large', text + n)
      journal.put('a', `small ${n}`, n)
      largest = Math.max(largest, statSync(file()).size)
    }
    expect(largest).toBeLessThan(4_500_000)
    expect(new Journal(file()).all('a')).toHaveLength(101)
    expect(readdirSync(folder)).toEqual(['journal'])
  })

  test('of another version is not read, and left as it is', () => {
    writeFileSync(file(), '["light Kafka",2]\n')
    expect(() => new Journal(file())).toThrow(/journal was not written by this version; begin anew/)
    expect(readFileSync(file(), 'utf8')).toBe('["light Kafka",2]\n')
  })

  test('of what a full disk took a part of, nothing stays', () => {
    writeFileSync(file(), 'whole')
    mkdirSync(join(folder, 'away'))
    expect(() => appendWhole(join(folder, 'away'), Buffer.from('more'), 5)).toThrow(/EISDIR/)
    writeFileSync(file(), 'whole and a part')
    const part = { toString: () => 'no buffer' } as unknown as Buffer
    expect(() => appendWhole(file(), part, 5)).toThrow()
    expect(readFileSync(file(), 'utf8')).toBe('whole')
  })
})

describe('the log of a partition', () => {
  const of = (text: string) => Buffer.from(text)
  const read = () => {
    const { startOffset, bytes } = new LogFile(join(folder, 't-0')).read()
    return [startOffset, bytes.toString()]
  }

  test('is made by the first batch, and has the later ones behind it', () => {
    const log = new LogFile(join(folder, 't-0'))
    expect([read(), readdirSync(folder)]).toEqual([[0, ''], []])
    log.append(of('one '))
    log.append(of('two '))
    expect(read()).toEqual([0, 'one two '])
  })

  test('begins where it was cut off, empty too, and goes on from there', () => {
    const log = new LogFile(join(folder, 't-0'))
    log.append(of('one two '))
    log.replace(7, [of('two ')])
    log.append(of('three '))
    expect(read()).toEqual([7, 'two three '])
    log.replace(9, [])
    expect(read()).toEqual([9, ''])
    log.append(of('four '))
    expect(read()).toEqual([9, 'four '])
    expect(readdirSync(join(folder, 't-0'))).toEqual(['00000000000000000009.log'])
    log.delete()
    expect([read(), readdirSync(folder)]).toEqual([[0, ''], []])
  })

  test('the later beginning counts where the former file was still there', () => {
    const log = new LogFile(join(folder, 't-0'))
    log.append(of('one two '))
    for (const [name, text] of [
      ['00000000000000000007.log', 'two '],
      ['00000000000000000009.log.part', 'torn'],
    ] as const)
      writeFileSync(join(folder, 't-0', name), text)
    expect(read()).toEqual([7, 'two '])
    expect(readdirSync(join(folder, 't-0'))).toEqual(['00000000000000000007.log'])
  })
})

test('what can not be written is told, whatever it was', () => {
  const errors: string[] = []
  const kept = new Folder(folder, error => {
    errors.push(error.message)
    return failed(error)
  })
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file in its place')
  const log = kept.log('t', 0)
  for (const write of [
    () => kept.put('a', 'x', () => 1),
    () => kept.drop('a', 'x'),
    () => log.append(Buffer.from('x')),
    () => log.replace(1, [], () => 0),
  ])
    expect(write).toThrow(/ENOTDIR/)
  expect(errors).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^\S+ can't be written: ENOTDIR/)))
})
