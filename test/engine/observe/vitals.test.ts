import { UnavailableError } from '../../../src/errors'
import { type Log, silentLog } from '../../../src/log'
import { diagnose } from '../../../src/vitals/diagnose'
import { scene } from './scene'

test('what an application does is read from its topic alone: steps, ends, tasks, samples, last words', async () => {
  const { started, reader, worker, write, until, stop } = await scene()
  write('a', 'b', 'c')
  await started.settled()
  await reader.start()
  const running = await until(({ nodes }) => nodes.some(({ name, passed }) => name === 'counts' && passed === 3))
  expect(running).toMatchObject({ name: 'words', lag: { records: 0, trend: 'none' } })
  expect(running.workers).toMatchObject([
    { presence: 'here', tally: { worker: worker.id, state: 'running', pid: process.pid } },
  ])
  expect(running.tasks).toMatchObject([{ id: '0_0', status: 'running', stores: [{ name: 'counts', entries: 1 }] }])
  expect(running.ends).toMatchObject([{ name: 'rows', records: 3 }])
  // The step that writes to an end has its name, and what it was given.
  expect(running.nodes.find(({ name }) => name === 'rows')).toMatchObject({ passed: 3 })
  expect(running.topology!.parts[0]!.nodes.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['source', 'sink', 'aggregate']),
  )
  expect(running.topology!.stores).toMatchObject([
    { name: 'counts', kind: 'keyValue', log: { topic: 'words-counts-changelog', holds: 'state', isStamped: true } },
  ])
  write('d')
  const sampled = await until(({ nodes }) =>
    nodes.some(({ recordsOut }) => recordsOut.some(({ value }) => value.includes('"d"'))),
  )
  const flowing = await until(({ ends }) => ends[0]!.rate > 0)
  expect(flowing.ends[0]!.rate).toBe(flowing.nodes.find(({ name }) => name === 'rows')!.rate)
  const [source, child] = sampled.nodes
  expect(child!.recordsIn).toEqual(source!.recordsOut)
  await stop()
}, 20_000)

test('an end that is away is red with its chain, and green again once it is back', async () => {
  const { end, started, reader, outages, write, until, stop } = await scene()
  write('a')
  await started.settled()
  await reader.start()
  end.down = true
  write('b', 'c')
  const held = await until(({ ends, tasks }) => ends[0]?.heldSinceMs !== undefined && tasks[0]?.status === 'holding')
  const found = diagnose(held, {}, Date.now())
  expect(found).toMatchObject({ colour: 'red', ends: { rows: 'red' } })
  const { chain } = found.findings.find(({ kind }) => kind === 'end-stopped')!
  expect(chain.slice(1, 3)).toEqual(['end rows holds', 'consuming paused'])
  expect(outages.away).toHaveLength(1)
  await until(({ lag }) => lag.records === 2)
  end.down = false
  const back = await until(({ ends, lag }) => ends[0]?.heldSinceMs === undefined && lag.records === 0)
  expect(diagnose(back, {}, Date.now()).ends).toEqual({ rows: 'green' })
  await stop()
}, 30_000)

test('a poison record is named with its step, its place and its words', async () => {
  const { reader, write, until, stop } = await scene()
  write('a', 'poison', 'b')
  await reader.start()
  const found = await until(({ nodes }) => nodes.some(({ errors }) => errors === 1))
  const { lastError, name } = found.nodes.find(({ errors }) => errors === 1)!
  expect(lastError).toMatchObject({ error: 'Error', reason: 'not to my taste', topic: 'in', partition: 0, offset: 1 })
  expect(diagnose(found, {}, Date.now())).toMatchObject({ colour: 'amber', nodes: { [name]: 'amber' } })
  await stop()
}, 20_000)

test('the last words stay, and say that it was stopped', async () => {
  const { reader, started, vitals, write, until } = await scene()
  write('a')
  await started.settled()
  await reader.start()
  await until(({ tasks }) => tasks.length === 1)
  await started.stop()
  await vitals.stop()
  const stopped = await until(({ workers }) => workers[0]?.presence === 'left')
  expect(stopped.workers[0]!.tally).toMatchObject({
    ...{ state: 'stopped', tasks: [{ id: '0_0' }] },
    commits: { count: expect.any(Number), lastAtMs: expect.any(Number) },
    ends: [{ name: 'rows', commitMs: { p50: expect.any(Number) }, ageMs: { p99: expect.any(Number) } }],
  })
  expect(stopped.tasks).toMatchObject([{ status: 'unowned' }])
  expect(diagnose(stopped, { members: new Map([['words', 0]]) }, Date.now()).findings[0]).toMatchObject({
    kind: 'no-workers',
  })
  await reader.close()
}, 20_000)

test('who may not write vitals goes on working, and is told once', async () => {
  const lines: string[] = []
  const log: Log = { ...silentLog, warn: (line: unknown) => void lines.push(String(line)) }
  const { broker, started, write, stop } = await scene(log)
  broker.beforeSend = async topic => {
    if (topic === 'words-vitals') throw new UnavailableError('TOPIC_AUTHORIZATION_FAILED')
  }
  write('a', 'b')
  await started.settled()
  await started.until(() => lines.length > 0)
  write('c')
  await started.settled()
  expect(started.read('out')).toHaveLength(3)
  expect(lines).toEqual(['vitals are not written, the job goes on: TOPIC_AUTHORIZATION_FAILED'])
  await stop()
}, 20_000)

test('another program’s topic of such a name is left alone', async () => {
  const { broker, reader, until, stop } = await scene()
  await broker.ensureTopics([{ topic: 'patient-vitals', partitions: 1 }])
  for (let i = 0; i < 30; i++)
    broker.write(
      { topic: 'patient-vitals', partition: 0 },
      { key: null, value: Buffer.from('{"pulse":60}'), timestamp: 1 },
    )
  await reader.start()
  await until(() => true)
  expect(reader.model.applications.map(({ name }) => name)).toEqual(['words'])
  await stop()
}, 20_000)
