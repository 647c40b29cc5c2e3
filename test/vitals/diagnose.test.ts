import fc from 'fast-check'
import { diagnose } from '../../src/vitals/diagnose'
import type { Surroundings } from '../../src/vitals/diagnosis'
import type { Tally } from '../../src/vitals/format'
import type { Application } from '../../src/vitals/model'
import { applicationOf, followed, input, now, tally, task } from './an-application'

const members = (count: number): Surroundings => ({ members: new Map([['sensors', count]]) })
const look = (application: Application, surroundings: Surroundings = members(1)) =>
  diagnose(application, surroundings, now)
const well = tally('a')

/** What workers tell while the job stands still and 10,000 records a second come. */
const growing =
  (more: Partial<Tally>, startedAgo = 40) =>
  (secondsAgo: number) => {
    const lag = Math.max(0, startedAgo - secondsAgo) * 10_000
    return [
      tally('a', {
        tasks: [task(0, { status: 'holding', rate: 0, inputs: [input(0, lag, (startedAgo - secondsAgo) * 1000)] })],
        ...more,
      }),
    ]
  }

const endDown = (reason: string): Tally['ends'] => [{ ...well.ends[0]!, rate: 0, heldSinceMs: now - 40_000, reason }]

describe('what is wrong is said in one sentence, with its causes', () => {
  test('nothing', () => {
    const found = look(applicationOf(well))
    expect(found).toMatchObject({ colour: 'green', findings: [], sentence: 'caught up, 10,000 records/s' })
    expect(found).toMatchObject({
      tasks: { '0_0': 'green' },
      ends: { 'postgres:readings': 'green' },
      workers: { a: 'green' },
    })
  })

  test('an end is stopped', () => {
    const reason = 'Postgres: connect ECONNREFUSED 127.0.0.1:5432'
    const outages = [{ service: 'Postgres', sinceMs: now - 40_000, reason }]
    const found = look(followed(growing({ state: 'waiting', reason, outages, ends: endDown(reason) })))
    expect(found.findings).toHaveLength(1)
    expect(found.findings[0]).toMatchObject({ kind: 'end-stopped', colour: 'red' })
    expect(found.findings[0]!.chain).toEqual([
      'Postgres has refused connections for 40 s',
      'end postgres:readings holds',
      'consuming paused',
      'lag 400,000 records, 40 s, growing',
    ])
    expect(found).toMatchObject({
      ends: { 'postgres:readings': 'red' },
      nodes: { 'to-postgres': 'red', rollup: 'green' },
      tasks: { '0_0': 'red' },
    })
  })

  test('a worker was killed', () => {
    const killed = tally('b', { atMs: now - 8_000, tasks: [task(1)] })
    const found = look(applicationOf(well, killed))
    expect(found).toMatchObject({
      colour: 'red',
      workers: { a: 'green', b: 'red' },
      tasks: { '0_0': 'green', '0_1': 'red' },
    })
    expect(found.sentence).toBe('worker b (h, process 7) was killed, or is cut off: last heard of 8 s ago')
    expect(found.findings[0]!.chain).toContain("task 0_1 is nobody's")
  })

  test('and others have its tasks: then it is worth a word for a minute', () => {
    const other = tally('a', { tasks: [task(0), task(1)] })
    const gone = (atMs: number) => tally('b', { atMs, tasks: [task(1)] })
    expect(look(applicationOf(other, gone(now - 8_000)))).toMatchObject({ colour: 'amber' })
    expect(look(applicationOf(other, gone(now - 70_000)))).toMatchObject({ colour: 'green' })
  })

  test('a poison record', () => {
    const lastError = {
      ...{ atMs: now - 3_000, error: 'ProcessError', reason: "Cannot read properties of null (reading 'x')" },
      ...{ topic: 'sensor_data', partition: 0, offset: 5_123 },
    }
    const nodes = [{ ...well.nodes[1]!, errors: 1, lastError }]
    const found = look(applicationOf(tally('a', { nodes })))
    expect(found).toMatchObject({ colour: 'amber', nodes: { rollup: 'amber' } })
    expect(found.sentence).toBe(
      "step rollup failed at sensor_data/0 offset 5123: ProcessError: Cannot read properties of null (reading 'x')",
    )
    expect(
      look(applicationOf(tally('a', { nodes: [{ ...nodes[0]!, lastError: { ...lastError, atMs: now - 90_000 } }] }))),
    ).toMatchObject({ colour: 'green' })
  })

  test('a poison record that stops the application', () => {
    const reason = 'sensor_data/0 offset 5123, step rollup: negative'
    const found = look(applicationOf(tally('a', { state: 'failed', reason })), members(0))
    expect(found.findings[0]).toMatchObject({ kind: 'no-workers', colour: 'red' })
    expect(found.findings[0]!.chain[0]).toBe(`worker a (h, process 7) gave up: ${reason}`)
  })

  test('an end refuses a record that is looked for', () => {
    const found = look(applicationOf(tally('a', { tasks: [task(0, { status: 'searching' })] })))
    expect(found).toMatchObject({ colour: 'amber', tasks: { '0_0': 'amber' } })
    expect(found.sentence).toBe('an end has refused a record of task 0_0: it is looked for')
  })

  test('a silent sensor', () => {
    const silent = { count: 1, keys: [{ key: 'sensor-17', lastMs: now - 40_000, usuallyEveryMs: 100 }] }
    const silentKeys = [{ topic: 'sensor_data', ...silent }]
    const found = look(applicationOf(well), { ...members(1), silentKeys })
    expect(found).toMatchObject({
      colour: 'amber',
      sentence: 'sensor-17 has been silent for 40 s, usually one every 0.1 s',
    })
    expect(look(applicationOf(well), { silentKeys: [{ topic: 'others', ...silent }] }).colour).toBe('green')
    const many = { topic: 'sensor_data', count: 120, keys: [{ ...silent.keys[0]!, usuallyEveryMs: undefined }] }
    expect(look(applicationOf(well), { silentKeys: [many] }).sentence).toBe(
      '120 keys of sensor_data are silent, sensor-17 for 40 s',
    )
  })

  test('a silent source', () => {
    const found = look(applicationOf(tally('a', { tasks: [task(0, { inputs: [input(0, 0, 0, now - 45_000)] })] })))
    expect(found).toMatchObject({ colour: 'amber', sentence: 'nothing has come from sensor_data for 45 s' })
    // Then its keys are silent for that reason.
    const keys = [{ key: '7', lastMs: now - 45_000, usuallyEveryMs: 100 }]
    const silentKeys = [{ topic: 'sensor_data', count: 1, keys }]
    const both = tally('a', { tasks: [task(0, { inputs: [input(0, 0, 0, now - 45_000)] })] })
    expect(look(applicationOf(both), { silentKeys }).findings.map(({ kind }) => kind)).toEqual(['source-silent'])
  })

  test('a group without members', () => {
    const found = look(applicationOf(tally('a', { state: 'stopped', atMs: now - 200_000 })), members(0))
    expect(found).toMatchObject({ colour: 'red', tasks: { '0_0': 'red' } })
    expect(found.findings[0]!.chain.slice(0, 3)).toEqual([
      'worker a (h, process 7) was stopped',
      'no worker of sensors has run for 3 min 20 s',
      'group sensors has no members',
    ])
  })

  test('a slow end', () => {
    const ends = [{ ...well.ends[0]!, queuedBytes: 2_000_000, heldSinceMs: now - 7_000 }]
    const found = look(followed(growing({ ends }, 20)))
    expect(found.findings).toHaveLength(1)
    expect(found.findings[0]).toMatchObject({ kind: 'end-slow', colour: 'red' })
    expect(found.findings[0]!.chain).toEqual([
      'end postgres:readings has not answered a commit for 7 s',
      '2,000,000 bytes wait for it',
      'records wait for the commit',
      'lag 200,000 records, 20 s, growing',
    ])
  })

  test('an end that answers, and takes long', () => {
    const ends = [{ ...well.ends[0]!, commitMs: { p50: 6_000, p99: 9_000 } }]
    expect(look(applicationOf(tally('a', { ends })))).toMatchObject({
      ...{
        colour: 'amber',
        sentence: 'end postgres:readings takes 6 s for a commit',
        ends: { 'postgres:readings': 'amber' },
      },
    })
  })

  test('a schema is refused', () => {
    const lastError = {
      ...{ atMs: now - 1_000, error: 'DecodeError', reason: 'schema 99 is not in the registry' },
      ...{ topic: 'sensor_data', partition: 0, offset: 7 },
    }
    const found = look(applicationOf(tally('a', { nodes: [{ ...well.nodes[0]!, errors: 3, lastError }] })))
    expect(found.findings[0]).toMatchObject({ kind: 'schema-refused', touches: { nodes: ['readings'] } })
    expect(found.sentence).toBe("step readings can't read records of sensor_data: schema 99 is not in the registry")
    // Of a value that was never written by a schema the registry is not to blame.
    const reason = 'the value starts with 0x6e, and Avro of a registry with 0x00'
    const poison = { ...well.nodes[0]!, errors: 3, lastError: { ...lastError, reason } }
    const [other] = look(applicationOf(tally('a', { nodes: [poison] }))).findings
    expect(other).toMatchObject({
      kind: 'poison-record',
      sentence: expect.stringMatching(/offset 7: DecodeError: the/),
    })
  })

  test('the registry is down', () => {
    const outages = [
      {
        service: 'the schema registry',
        sinceMs: now - 12_000,
        reason: 'the schema registry does not answer: fetch failed',
      },
    ]
    const found = look(applicationOf(tally('a', { outages })))
    expect(found).toMatchObject({
      colour: 'red',
      sentence: "the schema registry hasn't answered for 12 s (fetch failed)",
    })
  })

  test('all brokers are down', () => {
    const kafkaAway = { sinceMs: now - 9_000, reason: 'Kafka does not answer: connect ECONNREFUSED 127.0.0.1:9092' }
    const found = look(applicationOf(well), { kafkaAway })
    expect(found).toMatchObject({ colour: 'red', sentence: 'Kafka has refused connections for 9 s' })
    expect(found.findings[0]!.chain).toContain('this picture is 9 s old')
  })

  test('one broker of several is down', () => {
    const brokersAway = [{ name: '3 (kafka-3:9092)', sinceMs: now - 9_000 }]
    expect(look(applicationOf(well), { brokersAway })).toMatchObject({
      ...{ colour: 'amber', sentence: 'broker 3 (kafka-3:9092) has been down for 9 s' },
    })
  })

  test('lag grows without a fault of anything', () => {
    const behind = (secondsAgo: number) => [
      tally('a', {
        tasks: [task(0, { inputs: [input(0, (100 - secondsAgo) * 5_000, (100 - secondsAgo) * 700)] }), task(1)],
      }),
    ]
    const found = look(followed(behind))
    expect(found.findings).toHaveLength(1)
    expect(found.findings[0]).toMatchObject({ kind: 'lag-growing', colour: 'red', touches: { tasks: ['0_0'] } })
    expect(found.findings[0]!.chain).toEqual([
      'more comes than is processed: lag 500,000 records, 1 min 10 s, growing',
      '10,000 records/s are processed',
      'task 0_0 of 2 is behind, 0_0 by 1 min 10 s',
    ])
  })

  test('lag that shrinks is no fault, and is caught up at a time that is said', () => {
    const behind = (secondsAgo: number) => [
      tally('a', { tasks: [task(0, { inputs: [input(0, 400_000 + secondsAgo * 2_000, 40_000)] })] }),
    ]
    const found = look(followed(behind))
    expect(found).toMatchObject({ colour: 'green', sentence: '10,000 records/s, caught up in 3 min 20 s' })
  })

  test('the disk of an end is full', () => {
    const reason = 'Postgres: could not extend file "base/1/2": No space left on device (53100)'
    const found = look(followed(growing({ state: 'waiting', reason, ends: endDown(reason) })))
    expect(found.findings[0]).toMatchObject({ kind: 'disk-full', colour: 'red' })
    expect(found.sentence).toBe('Postgres has had no room left on its disk for 40 s')
  })

  test("the disk of a worker's stores is full", () => {
    const outages = [
      { service: 'disk', sinceMs: now - 5_000, reason: 'store rollup: ENOSPC: no space left on device, write' },
    ]
    const found = look(applicationOf(tally('a', { state: 'waiting', outages })))
    expect(found.findings[0]).toMatchObject({ kind: 'disk-full', colour: 'red' })
    expect(found.sentence).toMatch(/^the worker's disk has been full for 5 s/)
  })

  test('somebody has to mend a table', () => {
    const reason = 'Postgres: table readings lacks column "temperature": ALTER TABLE readings ADD COLUMN …'
    const found = look(followed(growing({ state: 'waiting', reason, ends: endDown(reason) })))
    expect(found.findings[0]).toMatchObject({ kind: 'end-unfit', colour: 'red' })
    expect(found.sentence).toContain(
      'Postgres has taken nothing for 40 s, until somebody mends it: table readings lacks column',
    )
  })
})

test('whatever workers tell, every finding has a sentence and a chain, and what is green has none', () => {
  const anyTally = fc
    .record({
      worker: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom('starting', 'joining', 'opening', 'running', 'waiting', 'draining', 'stopped', 'failed'),
      age: fc.integer({ min: 0, max: 100_000 }),
      status: fc.constantFrom('running', 'searching', 'holding'),
      lag: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
      held: fc.option(fc.integer({ min: 0, max: 100_000 })),
      reason: fc.option(fc.string()),
    })
    .map(({ worker, state, age, status, lag, held, reason }) => {
      const known = reason === null ? {} : { reason }
      return tally(worker, {
        ...{ state, atMs: now - age, ...known },
        tasks: [task(0, { status, inputs: lag === null ? [] : [input(0, lag, lag)] })],
        ends: [{ ...well.ends[0]!, ...known, ...(held !== null && { heldSinceMs: now - held }) }],
      } as Partial<Tally>)
    })
  fc.assert(
    fc.property(fc.array(anyTally, { maxLength: 4 }), fc.option(fc.nat(3)), (workers, count) => {
      const found = look(applicationOf(...workers), count === null ? {} : members(count))
      for (const { sentence, chain } of found.findings) {
        expect(sentence).toMatch(/\S/)
        expect(chain.length).toBeGreaterThan(0)
        expect(chain.every(link => link !== '' && !/undefined|NaN/.test(link))).toBe(true)
      }
      const colours = [
        found.colour,
        ...Object.values({ ...found.tasks, ...found.ends, ...found.workers, ...found.nodes }),
      ]
      if (found.findings.length === 0) expect(new Set(colours)).toEqual(new Set(['green']))
      else expect(found.colour).not.toBe('green')
    }),
  )
})
