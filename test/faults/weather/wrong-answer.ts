import { ByteReader } from '../../../src/connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../../src/connectors/kafka/protocol/byte-writer'
import type { Fields, GivenOf, ReadOf } from '../../../src/light/messages/fields'
import type { Api } from '../../../src/light/messages/schema'

/** How one API answers with errors. */
export interface WrongAnswer {
  readonly key: number
  readonly name: string
  /** What Kafka may answer, whatever was asked, though nothing is wrong with it. */
  readonly codes: readonly number[]
  /** The answer of a node that does nothing. */
  refuse(request: Buffer, version: number, code: number): Buffer
  /** The answer with this code in all its places. */
  spoil(answer: Buffer, version: number, code: number): Buffer
}

export function wrongAnswer<Q extends Fields, A extends Fields>(
  api: Api<Q, A>,
  codes: readonly number[],
  refuse: (request: ReadOf<Q>, code: number) => GivenOf<A>,
): WrongAnswer {
  const { key, name, request, response } = api
  const written = (answer: GivenOf<A>, version: number) => {
    const to = new ByteWriter()
    response.write(to, answer, api.wire(version))
    return to.buffer
  }
  return {
    ...{ key, name, codes },
    refuse: (body, version, code) =>
      written(refuse(request.read(new ByteReader(body), api.wire(version)), code), version),
    spoil(body, version, code) {
      const answer = response.read(new ByteReader(body), api.wire(version))
      return written(spoiled(answer, code) as GivenOf<A>, version)
    },
  }
}

const isCode = (name: string) => name === 'errorCode' || name === 'partitionErrorCode'

/** The code stands where an answer is innermost: of a partition, where it is about partitions. */
function spoiled(value: unknown, code: number): unknown {
  if (Array.isArray(value)) return value.map(each => spoiled(each, code))
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  const entries = Object.entries(value)
  const isOuter = entries.some(([, each]) => Array.isArray(each) && JSON.stringify(each).includes('rrorCode"'))
  return Object.fromEntries(
    entries.map(([name, each]) => [name, isCode(name) && !isOuter ? code : spoiled(each, code)]),
  )
}
