import type { Message, MessagePart } from '../../../contract'
import { Pairs } from '../../components/card'
import { Foreign } from '../../components/foreign'
import { ResourceView } from '../../components/resource-view'
import { TextView } from '../../components/text-view'
import { nowMs } from '../../data/clock'
import { useResource } from '../../data/use-resource'
import { bytes, clock, exact } from '../../lib/format'
import { setQuery } from '../../shell/location'
import type { Reading } from './reading'

interface MessageDetailProps {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly reading: Pick<Reading, 'keyFormat' | 'valueFormat'>
}

/** One message, whole: key, value, headers and where it stands. */
export function MessageDetail({ topic, partition, offset, reading }: MessageDetailProps) {
  const { keyFormat, valueFormat } = reading
  const message = useResource('GET /api/topics/:topic/messages/:partition/:offset', {
    params: { topic, partition, offset },
    query: { keyFormat, valueFormat },
  })
  return (
    <section class="message-detail" aria-label="The opened message">
      <div class="row spread">
        <h3>
          Partition {partition}, offset {exact(offset)}
        </h3>
        <button type="button" class="button plain" onClick={() => setQuery({ at: undefined })}>
          Close
        </button>
      </div>
      <ResourceView of={message}>{data => <MessageBody message={data} />}</ResourceView>
    </section>
  )
}

/** What a message says. */
export function MessageBody({ message }: { readonly message: Message }) {
  const { key, value, headers, timestampMs, timestampType } = message
  const by = timestampType === 'create' ? 'by its producer' : 'by the broker, when it was appended'
  return (
    <div class="stack">
      <Pairs
        pairs={[
          ['Time', `${clock(timestampMs, nowMs.peek(), true)}, ${by}`],
          ['Key', describe(key)],
          ['Value', describe(value)],
        ]}
      />
      {key.text !== null && <TextView text={key.text} label="Key" />}
      {value.text !== null && <TextView text={value.text} label="Value" />}
      {headers.length > 0 && <Headers headers={headers} />}
    </div>
  )
}

function describe({ text, kind, schemaId, bytes: size, cut }: MessagePart): string {
  if (text === null) return 'null'
  const schema = schemaId === null ? '' : `, schema ${schemaId}`
  return `${kind}${schema}, ${bytes(size)}${cut ? ', of which the beginning is shown' : ''}`
}

function Headers({ headers }: Pick<Message, 'headers'>) {
  return (
    <div>
      <h3>Headers</h3>
      <dl class="pairs">
        {headers.map(({ name, value, base64 }, at) => [
          <dt key={`${at} name`}>
            <Foreign mono>{name}</Foreign>
          </dt>,
          <dd key={at}>
            {value === null ? <span class="faint">null</span> : <Foreign mono>{value}</Foreign>}
            {base64 && <span class="faint"> base64</span>}
          </dd>,
        ])}
      </dl>
    </div>
  )
}
