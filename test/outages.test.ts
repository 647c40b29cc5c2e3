import { Outages } from '../src/outages'

function reporter() {
  const lines: string[] = []
  const say = (level: string) => (text: unknown) => void lines.push(`${level} ${text}`)
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  const outages = new Outages({ log, settleMs: 2_000, now: () => Date.now() })
  return { outages, shown: () => lines.filter(line => !line.startsWith('debug')) }
}

describe('Outages', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  it('says once that a service is lost, and once that it is back and for how long it was away', () => {
    const { outages, shown } = reporter()
    outages.lost('Postgres', new Error('connect ECONNREFUSED'))
    for (let second = 0; second < 14; second++) {
      jest.advanceTimersByTime(1_000)
      outages.lost('Postgres', new Error('connect ECONNREFUSED'))
    }
    outages.back('Postgres')
    outages.back('Postgres')
    jest.advanceTimersByTime(2_000)
    outages.back('Postgres')
    expect(shown()).toEqual([
      'warn Postgres does not answer: connect ECONNREFUSED; waiting until it does',
      'info Postgres answers again, after 14 s',
    ])
  })

  it('takes a service that comes and goes for one outage', () => {
    const { outages, shown } = reporter()
    for (let i = 0; i < 46; i++) {
      outages.lost('Kafka', new Error('broker 2 is away'))
      jest.advanceTimersByTime(100)
      outages.back('Kafka')
      jest.advanceTimersByTime(100)
    }
    expect(shown()).toEqual(['warn Kafka does not answer: broker 2 is away; waiting until it does'])
    expect(outages.current.size).toBe(0)
    jest.advanceTimersByTime(2_000)
    expect(shown()).toHaveLength(2)
  })

  it('says no more than twice that a service is lost which answers something every half minute', () => {
    const { outages, shown } = reporter()
    for (let i = 0; i < 20; i++) {
      outages.lost('MQTT broker', new Error('waited 30000 ms for it to acknowledge'))
      jest.advanceTimersByTime(250)
      outages.back('MQTT broker')
      jest.advanceTimersByTime(30_000)
    }
    expect(shown().map(line => line.slice(0, 4))).toEqual(['warn', 'info', 'warn'])
    jest.advanceTimersByTime(60_000)
    expect(shown()).toHaveLength(4)
    jest.advanceTimersByTime(60_000)
    outages.lost('MQTT broker', new Error('gone'))
    outages.back('MQTT broker')
    jest.advanceTimersByTime(2_000)
    expect(shown()).toHaveLength(6)
  })

  it('keeps services apart, and begins a new outage after one has ended', () => {
    const { outages, shown } = reporter()
    outages.lost('Kafka', new Error('gone'))
    outages.lost('MQTT', new Error('gone'))
    expect([...outages.current.keys()]).toEqual(['Kafka', 'MQTT'])
    outages.back('Kafka')
    jest.advanceTimersByTime(2_000)
    outages.lost('Kafka', new Error('gone again'))
    expect(shown().filter(line => line.includes('Kafka'))).toHaveLength(3)
  })

  it('does not repeat the name of the service that the error begins with', () => {
    const { outages, shown } = reporter()
    outages.lost('Kafka', new Error('Kafka: broker 1 closed the connection'))
    expect(shown()).toEqual(['warn Kafka does not answer: broker 1 closed the connection; waiting until it does'])
  })

  it.each([
    [
      'Postgres',
      'Postgres 127.0.0.1:5432/db: connect ECONNREFUSED',
      'Postgres does not answer: 127.0.0.1:5432/db: connect',
    ],
    [
      'the schema registry',
      'the schema registry at http://r does not answer: x',
      'the schema registry at http://r does not',
    ],
    ['the disk', 'the disk: waited for it', 'the disk does not answer: waited for it'],
  ])('says that %s does not answer, once: %s', (service, message, line) => {
    const { outages, shown } = reporter()
    outages.lost(service, new Error(message))
    expect(shown()[0]).toContain(`warn ${line}`)
    expect(shown()[0]?.match(/does not answer/g)).toHaveLength(1)
  })
})
