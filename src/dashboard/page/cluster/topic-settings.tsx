import { useState } from 'preact/hooks'
import type { TopicSetting } from '../../contract'
import { Card } from '../components/card'
import { Foreign } from '../components/foreign'
import { SearchBox } from '../components/search-box'
import { Badge } from '../components/status'
import { type Column, Table } from '../components/table'
import { api } from '../data/api'
import { query, setQuery } from '../shell/location'
import { Field } from './field'
import { FormDialog } from './form-dialog'
import { WriteButton } from './write-button'

interface SettingsProps {
  readonly topic: string
  readonly settings: readonly TopicSetting[]
}

/** How a topic is set; what somebody has set himself stands first. */
export function TopicSettings({ topic, settings }: SettingsProps) {
  const { setting = '' } = query.value
  const [changed, change] = useState<TopicSetting>()
  const rows = settings.filter(({ name }) => name.includes(setting)).toSorted(ownFirst)
  const all = [
    ...columns,
    {
      name: 'change',
      title: '',
      cell: (row: TopicSetting) => <WriteButton onClick={() => change(row)}>Change</WriteButton>,
    },
  ]
  return (
    <Card
      title="Settings"
      tools={<SearchBox label="Search settings" value={setting} change={text => setQuery({ setting: text })} />}
      flush
    >
      <Table {...{ label: 'Settings', columns: all, rows, maxHeight: 1200 }} keyOf={({ name }) => name} />
      {changed && <ChangeSetting topic={topic} setting={changed} close={() => change(undefined)} />}
    </Card>
  )
}

const isOwn = ({ source }: TopicSetting) => source !== 'default'
const ownFirst = (a: TopicSetting, b: TopicSetting) => Number(isOwn(b)) - Number(isOwn(a)) || (a.name < b.name ? -1 : 1)

const columns: readonly Column<TopicSetting>[] = [
  { name: 'name', title: 'Setting', cell: ({ name }) => <span class="mono">{name}</span> },
  {
    name: 'value',
    title: 'Value',
    cell: ({ value }) => (value === null ? <span class="faint">kept secret</span> : <Foreign mono>{value}</Foreign>),
  },
  {
    name: 'source',
    title: 'Set by',
    cell: setting => (isOwn(setting) ? <Badge>{setting.source}</Badge> : <span class="faint">default</span>),
  },
]

interface ChangeProps {
  readonly topic: string
  readonly setting: TopicSetting
  readonly close: () => void
}

function ChangeSetting({ topic, setting: { name, value, source }, close }: ChangeProps) {
  const [next, setNext] = useState(value ?? '')
  const change = (to: string | null) => async () => {
    const body = { changes: { [name]: to }, confirm: topic }
    await api('PATCH /api/topics/:topic/settings', { params: { topic }, body })
    close()
  }
  return (
    <FormDialog
      title={`Change ${name}`}
      verb={`Change it for ${topic}`}
      missing={next === (value ?? '') ? 'It is so already.' : undefined}
      act={change(next)}
      close={close}
    >
      <Field label={name} value={next} change={setNext} />
      {source === 'topic' && (
        <button type="button" class="button" onClick={change(null)}>
          Back to the default
        </button>
      )}
    </FormDialog>
  )
}
