import type { ComponentChildren } from 'preact'
import type { Message, MessagePart } from '../../../contract'
import { Foreign } from '../../components/foreign'
import { Badge } from '../../components/status'
import { type Column, Table } from '../../components/table'
import { nowMs } from '../../data/clock'
import { clock, exact } from '../../lib/format'
import { query, setQuery } from '../../shell/location'
import { MessageDetail } from './message-detail'
import type { Reading } from './reading'

interface MessageTableProps {
  readonly topic: string
  readonly reading: Reading
  readonly messages: readonly Message[]
  readonly empty: ComponentChildren
}

export const placeOf = ({ partition, offset }: Pick<Message, 'partition' | 'offset'>) => `${partition}/${offset}`

/** Messages, a line each, and the one that is opened, which the address names. */
export function MessageTable({ topic, reading, messages, empty }: MessageTableProps) {
  const { at } = query.value
  const opened = placeIn(at)
  return (
    <div class={opened === undefined ? 'messages' : 'messages with-detail'}>
      <Table
        {...{ label: 'Messages', columns, rows: messages, empty, chosen: at, maxHeight: 720 }}
        keyOf={placeOf}
        open={message => setQuery({ at: placeOf(message) === at ? undefined : placeOf(message) })}
      />
      {opened !== undefined && <MessageDetail topic={topic} reading={reading} {...opened} />}
    </div>
  )
}

function placeIn(at: string | undefined): { partition: number; offset: number } | undefined {
  const found = /^(\d{1,9})\/(\d{1,15})$/.exec(at ?? '')
  return found === null ? undefined : { partition: Number(found[1]), offset: Number(found[2]) }
}

const columns: readonly Column<Message>[] = [
  {
    name: 'time',
    title: 'Time',
    width: '14ch',
    cell: ({ timestampMs }) => <time class="mono">{clock(timestampMs, nowMs.peek(), true)}</time>,
  },
  { name: 'partition', title: 'Partition', number: true, width: '11ch', cell: row => row.partition },
  { name: 'offset', title: 'Offset', number: true, width: '12ch', cell: row => exact(row.offset) },
  { name: 'key', title: 'Key', width: '18%', cell: ({ key }) => <Part part={key} /> },
  { name: 'value', title: 'Value', cell: ({ value }) => <Part part={value} /> },
  {
    name: 'headers',
    title: 'Headers',
    number: true,
    width: '11ch',
    cell: ({ headers }) => (headers.length === 0 ? '' : exact(headers.length)),
  },
]

/** As much of a key or value as a line takes. */
const lineLength = 400

function Part({ part }: { readonly part: MessagePart }) {
  if (part.text === null) return <Badge>null</Badge>
  if (part.text === '') return <span class="faint">empty</span>
  return (
    <Foreign mono oneLine>
      {part.text.slice(0, lineLength)}
    </Foreign>
  )
}
