import type { DeadLetterGroup } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { Badge } from '../components/status'
import { type Column, Table } from '../components/table'
import { nowMs } from '../data/clock'
import { useResource } from '../data/use-resource'
import { clock, counted, exact } from '../lib/format'
import { pathTo } from '../lib/routes'
import { go } from '../shell/location'
import { PageHead } from '../shell/page-head'

/** The bad records that were set aside, by application, step and error. */
export function DeadLetterKinds({ application }: { readonly application: string | undefined }) {
  const query = application === undefined ? {} : { application }
  const letters = useResource('GET /api/dead-letters', { query }, 2000)
  const open = ({ application: name, id }: DeadLetterGroup) =>
    go(pathTo('dead-letters', { application: name === '' ? nobody : name, id }))
  return (
    <>
      <PageHead title="Dead letters" about="Records that could not be processed, each set aside with its error." />
      <ResourceView of={letters}>
        {({ groups, looked, all, topics }) => (
          <Card
            title={counted(groups.length, 'kind')}
            tools={
              <span class="soft small">
                {all ? `all ${counted(looked, 'letter')}` : `the newest ${counted(looked, 'letter')}`} of{' '}
                {counted(topics.length, 'topic')}
              </span>
            }
            flush
          >
            <Table
              {...{ label: 'Dead letters', columns, rows: groups, open, maxHeight: 1200 }}
              keyOf={({ id }) => id}
              empty={<Empty title="Nothing was set aside">Every record so far could be processed.</Empty>}
            />
          </Card>
        )}
      </ResourceView>
    </>
  )
}

/** Stands in an address where a letter names no application. */
export const nobody = '-'

const named = (text: string) => (text === '' ? <span class="faint">not told</span> : <Foreign>{text}</Foreign>)

const columns: readonly Column<DeadLetterGroup>[] = [
  { name: 'application', title: 'Application', cell: row => named(row.application) },
  { name: 'origin', title: 'From topic', cell: row => named(row.origin) },
  { name: 'step', title: 'Step', cell: row => named(row.step) },
  {
    name: 'error',
    title: 'Error',
    cell: ({ errorClass, errorMessage }) => (
      <span class="one-line">
        {errorClass !== '' && <Badge tone="red">{errorClass}</Badge>} <Foreign oneLine>{errorMessage}</Foreign>
      </span>
    ),
  },
  { name: 'letters', title: 'Letters', number: true, cell: row => exact(row.letters) },
  { name: 'redriven', title: 'Sent again', number: true, cell: row => exact(row.redriven) },
  { name: 'last', title: 'Last', cell: ({ lastMs }) => clock(lastMs, nowMs.peek()) },
]
