import { type BadRecordPolicy, describe as described, json, mermaid, text, topology } from '../../src'
import { TopologyTestDriver } from '../../src/testing'

const serdes = { key: text, value: json<{ to: number }>() }
const record = (to: number, key = 'a') => ({ key, value: { to }, timestamp: 1 })

test('a partitioner of the author chooses', async () => {
  const chosen = topology('chosen', streams => {
    streams.stream('in', serdes).to('out', { ...serdes, partition: ({ value }) => value.to })
  })
  const driver = await TopologyTestDriver.create(chosen, { partitions: 4 })
  for (const to of [3, 0, 2]) await driver.pipe('in', record(to))
  expect(driver.read('out').map(({ partition }) => partition)).toEqual([3, 0, 2])
})

test('a null value has the time that the extractor says of it, as the dead letter of one that says none advises', async () => {
  const timed = topology('nulls', streams => {
    streams.stream('careless', { ...serdes, timestamp: ({ to }) => to }).to('out', serdes)
    streams
      .stream('careful', { ...serdes, timestamp: (value, _, kafkaTimestamp) => value?.to ?? kafkaTimestamp })
      .to('out', serdes)
  })
  const driver = await TopologyTestDriver.create(timed)
  const gone = { key: 'a', value: null, timestamp: 7 }
  await driver.pipe('careful', gone)
  expect(driver.read('out')).toEqual([{ ...gone, partition: 0 }])
  await driver.pipe('careless', gone)
  expect(driver.read('out')).toEqual([])
  const [letter] = driver.kafka.log.filter(({ topic }) => topic === 'careless_dead_letters')
  const said = Object.values(letter?.headers ?? {})
    .map(String)
    .join()
  expect(said).toContain('(value, _, kafkaTimestamp) => value?.at ?? kafkaTimestamp')
})

test('a timestamp extractor gives the event time, from value, key and the time in the log', async () => {
  const timed = topology('timed', streams => {
    const given = (value: { to: number }, key: string, kafkaTimestamp: number) =>
      key === 'log' ? kafkaTimestamp : value.to * 1000
    streams.stream('in', { ...serdes, timestamp: given }).to('out', serdes)
    streams
      .table('rows', { ...serdes, timestamp: given })
      .toStream()
      .to('changes', serdes)
  })
  const driver = await TopologyTestDriver.create(timed)
  for (const each of [record(7), record(8, 'log'), record(-1)]) {
    await driver.pipe('in', each)
    await driver.pipe('rows', each)
  }
  expect(driver.read('out').map(({ timestamp }) => timestamp)).toEqual([7000, 1])
  expect(driver.read('changes').map(({ timestamp }) => timestamp)).toEqual([7000, 1])
  // A time below 0 is a bad record.
  expect(driver.read('in_dead_letters').length).toBe(1)
  expect(driver.streamTime).toBe(7000)
})

test('every step has the name that it was given', () => {
  const windows = { beforeMs: 1, afterMs: 1, graceMs: 1 }
  const any = { key: text, value: json<any>() }
  const { nodes } = topology('named', streams => {
    const all = streams.stream('in', { ...any, name: 'source' })
    const table = streams.table('rows', { ...any, name: 'rows' })
    all.filter(() => true, { name: 'filter' }).filterNot(() => false, { name: 'filterNot' })
    all.map((v, k) => [k, v], { name: 'map' }).mapValues(v => v, { name: 'mapValues' })
    all.flatMap((v, k) => [[k, v]], { name: 'flatMap' }).flatMapValues(v => [v], { name: 'flatMapValues' })
    all.selectKey((_, k) => k, { name: 'selectKey' }).peek(() => {}, { name: 'peek' })
    all.merge(all, { name: 'merge' }).forEach(() => {}, { name: 'forEach' })
    all.pipe(source => source, { name: 'pipe' }).to('out', { ...any, name: 'to' })
    all.groupBy((_, k) => k, { name: 'groupBy' }).count({ name: 'count' })
    all.processValues({ name: 'processValues', supplier: () => ({ process: () => {} }) })
    all.join(
      all.filter(() => true),
      { name: 'join', windows, joiner: v => v },
    )
    all.leftJoin(table, { name: 'tableJoin', joiner: v => v })
    table
      .filter(() => true, { name: 'rowFilter' })
      .mapValues(v => v, { name: 'rowValues' })
      .toStream({ name: 'toStream' })
    table.groupBy((v, k) => [k, v], { name: 'rowGroupBy' }).count({ name: 'rowCount' })
    table.join(table, { name: 'rowJoin', joiner: v => v })
  })
  const names =
    'source rows filter filterNot map mapValues flatMap flatMapValues selectKey peek merge forEach pipe to groupBy count'
  const others = 'processValues join tableJoin rowFilter rowValues toStream rowGroupBy rowCount rowJoin'
  expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(`${names} ${others}`.split(' ')))
})

describe('a bad record', () => {
  const harming = (onBadRecord?: BadRecordPolicy) =>
    topology('harming', streams => {
      const records = streams.stream('in', { ...serdes, ...(onBadRecord && { onBadRecord }) })
      records.groupByKey().count({ name: 'seen' }).toStream().to('counts', { key: text, value: json() })
      records
        .mapValues(({ to }) => {
          if (to < 0) throw new Error(`no way to ${to}`)
          return { to }
        })
        .to('out', serdes)
    })

  test('is a dead letter, and what it did before is undone', async () => {
    const driver = await TopologyTestDriver.create(harming())
    for (const to of [1, -1, 2]) await driver.pipe('in', record(to))
    expect(driver.read('counts').map(({ value }) => value)).toEqual([1, 2])
    expect(driver.read('out').map(({ value }) => value.to)).toEqual([1, 2])
    const letters = driver.kafka.records({ topic: 'in_dead_letters', partition: 0 })
    expect(letters.map(({ value }) => String(value))).toEqual(['{"to":-1}'])
    expect(String(letters[0]!.headers!['weir.error.message'])).toBe('no way to -1')
    expect(String(letters[0]!.headers!['weir.origin.offset'])).toBe('1')
  })

  test('is passed over where the source says so', async () => {
    const driver = await TopologyTestDriver.create(harming('skip'))
    for (const to of [1, -1, 2]) await driver.pipe('in', record(to))
    expect(driver.read('counts').map(({ value }) => value)).toEqual([1, 2])
    expect(driver.outputTopics).toEqual(['counts', 'out'])
  })

  test('stops the task where the source says so, and says where', async () => {
    const driver = await TopologyTestDriver.create(harming('fail'))
    await expect(driver.pipe('in', record(-1))).rejects.toThrow(/^in\/0 offset 0, step mapValues-\d+: no way to -1$/)
  })
})

test('a topology is described as text and as a chart', () => {
  const built = topology('moving', streams => {
    streams
      .stream('in', serdes)
      .selectKey(({ to }) => String(to))
      .groupByKey()
      .count({ name: 'counted' })
      .toStream()
      .to('out', { key: text, value: json() })
  })
  const lines = described(built)
  expect(lines).toMatch(/^Topology: moving\n {2}Sub-topology: 0\n/)
  expect(lines).toMatch(/Sub-topology: 1\n[\s\S]*stores: counted/)
  expect(mermaid(built)).toMatch(/^flowchart LR\n/)
})
