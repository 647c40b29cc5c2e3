import { drawKnobs } from './knobs'
import { Weather } from './weather/weather'

const seeds = Array.from({ length: 1_000 }, (_, i) => i + 1)
const knobsOf = (seed: number) => drawKnobs(seed, new Weather(seed, () => 0))

test('a share of the seeds has a real MQTT broker, with either QoS, and the seeds that are known to have found bugs keep their worlds', () => {
  const real = seeds.map(knobsOf).filter(({ liveBroker }) => liveBroker === 'aedes')
  expect(real.length).toBeGreaterThan(250)
  expect(real.length).toBeLessThan(350)
  for (const qos of [0, 1]) expect(real.filter(({ liveQos }) => liveQos === qos).length).toBeGreaterThan(100)
  const known = [1, 13, 39, 265, 1815, 3267, 39496, 40051].map(knobsOf)
  expect(known.every(({ liveBroker }) => liveBroker === 'stand-in')).toBe(true)
  expect([16, 61203].map(seed => knobsOf(seed).liveBroker)).toEqual(['aedes', 'aedes'])
})
