import { firstAnswer } from '../../../src/connectors/kafka/wire/first-answer'

const never = () => new Promise<string>(() => {})
const says = (text: string) => async () => text
const fails = (text: string) => () => Promise.reject(new Error(text))

test('one that answers is all that is asked', async () => {
  const asked: string[] = []
  const ask = (name: string) => async () => {
    asked.push(name)
    return name
  }
  expect(await firstAnswer([ask('a'), ask('b')], 60_000)).toBe('a')
  expect(asked).toEqual(['a'])
})

test('one that fails is followed by the next at once', async () => {
  expect(await firstAnswer([fails('x'), fails('y'), says('c')], 60_000)).toBe('c')
})

test('one that hangs is followed by the next, and its late answer still counts', async () => {
  expect(await firstAnswer([never, says('b')], 5)).toBe('b')
  let answer = (_: string) => {}
  const late = () =>
    new Promise<string>(resolve => {
      answer = resolve
    })
  const found = firstAnswer([late, never], 5)
  answer('late')
  expect(await found).toBe('late')
})

test('the last failure is told when all have failed', async () => {
  await expect(firstAnswer([fails('x'), fails('y')], 60_000)).rejects.toThrow('y')
})
