import { TopologyTestDriver } from '../../src/testing/test-driver'
import { build } from './adapter'
import type { Case, Output } from './case'
import { sameJson, shownKey } from './functions'

/** Where a case went wrong first. */
export interface Difference {
  readonly topic: string
  readonly index: number
  readonly expected: Output | undefined
  readonly actual: Output | undefined
}

export interface RunOptions {
  /** Kill the task after every input and restore it from what was committed. */
  readonly crash?: boolean
}

/** Runs a case on the test driver and gives all outputs, by topic. */
export async function outputsOf(each: Case, { crash = false }: RunOptions = {}): Promise<Output[]> {
  const outputs: Output[] = []
  let afterInput = 0
  const built = build(each.name, each.spec.nodes, (id, key, value) => {
    outputs.push({ topic: `peek:${id}`, key, value, afterInput })
  })
  const topics = [...new Set(each.spec.nodes.filter(node => node.op === 'to').map(node => node.topic as string))]
  const driver = await TopologyTestDriver.create(built, { wallClockMs: each.initialWallClockMs ?? 0 })
  for (const input of each.inputs) {
    if ('advanceWallClockMs' in input) await driver.advanceWallClock(input.advanceWallClockMs)
    else await driver.pipe(input.topic, input)
    for (const topic of topics)
      for (const { key, value, timestamp } of driver.read(topic))
        outputs.push({ topic, key: shownKey(key), value, timestamp, afterInput })
    if (crash) await driver.crash()
    afterInput++
  }
  return outputs
}

/** The first difference between what a case wants and what it got, topic by topic; undefined when there is none. */
export function firstDifference(expected: readonly Output[], actual: readonly Output[]): Difference | undefined {
  for (const topic of new Set([...expected, ...actual].map(output => output.topic))) {
    const wanted = expected.filter(output => output.topic === topic)
    const got = actual.filter(output => output.topic === topic)
    for (let index = 0; index < Math.max(wanted.length, got.length); index++)
      if (!same(wanted[index], got[index])) return { topic, index, expected: wanted[index], actual: got[index] }
  }
  return undefined
}

function same(a: Output | undefined, b: Output | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return (
    sameJson(a.key, b.key) && sameJson(a.value, b.value) && a.timestamp === b.timestamp && a.afterInput === b.afterInput
  )
}

/** Runs a case and compares; says what went wrong, undefined when nothing did. */
export async function check(each: Case, run: (each: Case) => Promise<Output[]>): Promise<string | undefined> {
  let actual: Output[]
  try {
    actual = await run(each)
  } catch (error) {
    return report(each, error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const difference = firstDifference(each.lossFreeOutputs ?? each.outputs, actual)
  if (difference === undefined) return undefined
  const { topic, index, expected, actual: got } = difference
  return report(each, `topic ${topic}, output ${index}:\n  expected ${line(expected)}\n  actual   ${line(got)}`)
}

function report(each: Case, what: string): string {
  const inputs = each.inputs.map((input, i) => `  ${i} ${JSON.stringify(input)}`).join('\n')
  const nodes = each.spec.nodes.map(node => `  ${JSON.stringify(node)}`).join('\n')
  return `FAILED ${each.name}: ${each.title}\nspec\n${nodes}\ninputs\n${inputs}\n${what}\n`
}

const line = (output: Output | undefined) => (output === undefined ? 'nothing' : JSON.stringify(output))
