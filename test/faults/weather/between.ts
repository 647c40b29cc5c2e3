import { errorName } from '../../../src/connectors/kafka/protocol/error-codes'
import type { Between } from '../../../src/light/broker/between'
import { type Kernel, WORLD } from '../world/kernel'
import type { Weather } from './weather'
import { wrongAnswers } from './wrong-answers'

/** Requests at which a worker may be killed: those of a commit, of a rebalance, and of a restore. */
const killing = new Set(['Produce', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])
const killingToo = new Set(['JoinGroup', 'SyncGroup', 'InitProducerId', 'OffsetFetch'])

interface Options {
  readonly kernel: Kernel
  readonly weather: Weather
  /** Kills who sent a request. */
  kill(client: string, why: string): void
}

/** What nodes do to the requests of workers, as the weather has it. */
export function badBetween({ kernel, weather, kill }: Options): Between {
  return (received, reply) => {
    const { api, call, body, cut } = received
    const client = call.from.slice(1)
    const wrong = wrongAnswers.get(api.key)
    if (wrong === undefined || client === WORLD) return api.handle(body, call, reply)
    const { name } = api
    const isRare = name === 'Fetch' || name === 'Heartbeat'
    const share = isRare ? 0.005 : 0.03
    const mayKill = killing.has(name) ? 0.01 : killingToo.has(name) ? 0.03 : 0
    const dies = (moment: string) => {
      if (mayKill > 0 && weather.strikes('killAtRequest', mayKill, `${name} ${moment}`))
        kill(client, `at ${name}, ${moment}`)
    }
    dies('before')
    if (weather.strikes('cutBefore', share, name)) return cut()
    if (weather.strikes('refusedBefore', share, name)) {
      const code = weather.random('codes').pick(wrong.codes)
      weather.at(`refusedBefore ${name} ${errorName(code)}`)
      return reply(wrong.refuse(body, call.version, code))
    }
    const handle = () =>
      api.handle(body, call, answer => {
        dies('after')
        if (weather.strikes('cutAfter', share, name)) return cut()
        if (answer !== undefined && weather.strikes('wrongAfter', share, name)) {
          const code = weather.random('codes').pick(wrong.codes)
          weather.at(`wrongAfter ${name} ${errorName(code)}`)
          return reply(wrong.spoil(answer, call.version, code))
        }
        if (!weather.strikes('slowAnswer', share, name)) return reply(answer)
        kernel.after(weather.random('slow').about(1_500), () => reply(answer), kernel.owner)
      })
    if (!weather.strikes('slowHandling', share, name)) return handle()
    kernel.after(weather.random('slow').about(700), handle, kernel.owner)
  }
}
