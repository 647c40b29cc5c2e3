import { Histogram } from '../../src/sensors/audit/histogram'
import { ReadingMessage } from '../../src/sensors/audit/reading-message'

describe('ReadingMessage', () => {
  const read = (text: string) => {
    const bytes = Buffer.from(`before${text}after`)
    const message = new ReadingMessage()
    const ok = message.read(bytes, 6, bytes.length - 5)
    return ok && [message.sensor, message.timestamp]
  }
  const payload = (timestamp: string) => `{"sensor_id":42,"temperature":-3.5e-7,"timestamp":${timestamp}}`

  test.each([
    ['1700000000.123456', 1_700_000_000_123_456],
    ['1700000000.1', 1_700_000_000_100_000],
    ['1700000000', 1_700_000_000_000_000],
    ['0.000001', 1],
  ])('reads %s', (text, micros) => {
    expect(read(payload(text))).toEqual([42, micros])
    expect(Math.round(Number(text) * 1e6)).toBe(micros)
  })

  test.each(['', '{}', '{"sensor_id":42}', payload('1.7e9'), payload('1.1234567'), payload(''), payload('null')])(
    'refuses %s',
    text => expect(read(text)).toBe(false),
  )
})

test('quantiles of a histogram are right to about 1 %', () => {
  const histogram = new Histogram()
  expect(histogram.quantile(0.5)).toBeUndefined()
  for (let ms = 1; ms <= 10_000; ms++) histogram.add(ms)
  for (const share of [0.01, 0.5, 0.99]) {
    const quantile = histogram.quantile(share)!
    expect(quantile).toBeGreaterThanOrEqual(10_000 * share)
    expect(quantile).toBeLessThan(10_000 * share * 1.02)
  }
  expect(histogram.quantile(1)).toBe(10_000)
})
