import { ByteReader } from '../../connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../connectors/kafka/protocol/byte-writer'
import type { Cluster } from '../cluster/cluster'
import type { Fields, GivenOf, ReadOf, Wire } from '../messages/fields'
import type { Api } from '../messages/schema'

/** One request, and the node that it came to. */
export interface Call {
  readonly cluster: Cluster
  readonly node: number
  readonly clientId: string
  /** Where the client is, such as `/127.0.0.1`. */
  readonly from: string
  readonly version: number
}

/** What a node does with the requests of one API. */
export interface Served {
  readonly key: number
  readonly name: string
  readonly versions: readonly [first: number, last: number]
  wire(version: number): Wire
  /** Hands over the encoded answer, at once or later; undefined where the request wants none. */
  handle(body: Buffer, call: Call, reply: (body: Buffer | undefined) => void): void
}

type Reply<A extends Fields> = (response: GivenOf<A> | undefined) => void

/** Serves an API whose answer may come later. */
export function serveLater<Q extends Fields, A extends Fields>(
  api: Api<Q, A>,
  answer: (request: ReadOf<Q>, call: Call, reply: Reply<A>) => void,
): Served {
  const { key, name, versions } = api
  return {
    ...{ key, name, versions },
    wire: version => api.wire(version),
    handle(body, call, reply) {
      const wire = api.wire(call.version)
      const request = api.request.read(new ByteReader(body), wire)
      answer(request, call, response => {
        if (response === undefined) return reply(undefined)
        const to = new ByteWriter()
        api.response.write(to, response, wire)
        reply(to.buffer)
      })
    },
  }
}

/** Serves an API that is answered at once. */
export function serve<Q extends Fields, A extends Fields>(
  api: Api<Q, A>,
  answer: (request: ReadOf<Q>, call: Call) => GivenOf<A>,
): Served {
  return serveLater(api, (request, call, reply) => reply(answer(request, call)))
}
