import { type Case, loadCases, ownCases } from './case'
import { check, outputsOf } from './run-case'

const families = [...loadCases(ownCases)]

async function failures(cases: readonly Case[], crash: boolean): Promise<string[]> {
  const found: string[] = []
  for (const each of cases) {
    const failure = await check(each, () => outputsOf(each, { crash }))
    if (failure !== undefined) found.push(failure)
  }
  return found
}

describe('answers as Kafka Streams answered', () => {
  test.each(families)(
    '%s',
    async (_family, cases) => {
      expect(cases.length).toBeGreaterThan(0)
      expect(await failures(cases, false)).toEqual([])
    },
    120_000,
  )
})

describe('answers the same when the task is killed and restored after every input', () => {
  test.each(families)('%s', async (_family, cases) => expect(await failures(cases, true)).toEqual([]), 120_000)
})
