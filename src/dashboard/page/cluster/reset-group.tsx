import { useState } from 'preact/hooks'
import type { Body, Given } from '../../contract'
import { ConfirmDialog } from '../components/confirm-dialog'
import { Dialog } from '../components/dialog'
import { Foreign } from '../components/foreign'
import { type Column, Table } from '../components/table'
import { api } from '../data/api'
import { counted, exact, exactIfKnown } from '../lib/format'
import { Field } from './field'
import { FormDialog } from './form-dialog'

interface ResetProps {
  readonly group: string
  readonly close: () => void
}

type Done = Given<'POST /api/groups/:group/reset'>
type Row = Done['rows'][number]

const call = (group: string, body: Body<'POST /api/groups/:group/reset'>) =>
  api('POST /api/groups/:group/reset', { params: { group }, body })

/** Sets the offsets of a group: first says what would change, then changes it once the group's name is typed. */
export function ResetGroup({ group, close }: ResetProps) {
  const [to, setTo] = useState('earliest')
  const [topic, setTopic] = useState('')
  const [plan, setPlan] = useState<Done>()
  const asked = { to, ...(topic === '' ? {} : { topics: [{ topic }] }) }
  if (plan === undefined)
    return (
      <FormDialog
        title="Reset offsets"
        verb={`See what changes for ${group}`}
        missing={to === '' ? 'It needs a place to go to.' : undefined}
        act={async () => setPlan(await call(group, asked))}
        close={close}
      >
        <Field label="To" value={to} change={setTo} placeholder="earliest, latest, 1200, @-10m" />
        <Field label="Topic" value={topic} change={setTopic} placeholder="all that the group has read" />
      </FormDialog>
    )
  if (plan.rows.length === 0)
    return (
      <Dialog title="Reset offsets" close={close}>
        <p>
          Nothing would change for <Foreign>{group}</Foreign>.
        </p>
      </Dialog>
    )
  return (
    <ConfirmDialog
      {...{ title: 'Reset offsets', name: group, verb: 'Reset', close }}
      act={async confirm => void (await call(group, { ...asked, confirm }))}
    >
      <p>{counted(plan.rows.length, 'partition')} would be read from here:</p>
      <Table
        {...{ label: 'What changes', columns, rows: plan.rows, maxHeight: 280 }}
        keyOf={({ topic: name, partition }) => `${name}/${partition}`}
      />
    </ConfirmDialog>
  )
}

const columns: readonly Column<Row>[] = [
  { name: 'topic', title: 'Topic', cell: row => <Foreign>{row.topic}</Foreign> },
  { name: 'partition', title: 'Partition', number: true, cell: row => row.partition },
  {
    name: 'now',
    title: 'Now',
    number: true,
    cell: row => exactIfKnown(row.currentOffset),
  },
  { name: 'next', title: 'Then', number: true, cell: row => exact(row.newOffset) },
]
