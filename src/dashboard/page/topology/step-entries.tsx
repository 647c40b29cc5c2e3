import { useState } from 'preact/hooks'
import type { StoreEntries } from '../../contract'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { SearchBox } from '../components/search-box'
import { Choices } from '../components/tabs'
import { TextView } from '../components/text-view'
import { nowMs } from '../data/clock'
import { useResource } from '../data/use-resource'
import { clock, counted, exact } from '../lib/format'
import { pathTo } from '../lib/routes'
import { query, setQuery } from '../shell/location'

interface StepEntriesProps {
  readonly application: string
  readonly stores: readonly string[]
}

/** So many more at a time. */
const step = 20
const most = 200

/** The entries of a step's stores by key, as of the last commits. */
export function StepEntries({ application, stores }: StepEntriesProps) {
  const { key: search = '' } = query.value
  const store = stores.find(each => each === query.value.store) ?? stores[0] ?? ''
  const [limit, setLimit] = useState(step)
  const params = { application, store }
  const entries = useResource(
    'GET /api/applications/:application/stores/:store',
    { params, query: { search, limit } },
    2000,
  )
  return (
    <div class="stack">
      {stores.length > 1 && (
        <Choices
          label="Store"
          choices={stores.map(each => ({ value: each, title: each }))}
          value={store}
          change={to => setQuery({ store: to })}
        />
      )}
      <SearchBox label="Search keys" value={search} change={text => setQuery({ key: text })} />
      <ResourceView of={entries} height={160}>
        {data => (
          <div class="stack">
            <EntriesHead data={data} />
            {data.rows.length === 0 && (
              <Empty title={search === '' ? 'The store is empty' : 'No key has that in it'}>
                {!data.isComplete && 'Only what changed lately has been read.'}
              </Empty>
            )}
            <ol class="records" aria-label="Entries">
              {data.rows.map(entry => (
                <Entry key={`${entry.partition} ${entry.key} ${entry.window?.startMs}`} entry={entry} />
              ))}
            </ol>
            {data.matching > data.rows.length && limit < most && (
              <button type="button" class="button" onClick={() => setLimit(Math.min(most, limit + step))}>
                More
              </button>
            )}
          </div>
        )}
      </ResourceView>
    </div>
  )
}

function EntriesHead({ data: { topic, matching, total, isComplete } }: { readonly data: StoreEntries }) {
  return (
    <p class="row spread small soft">
      <span role="status">
        {matching === total
          ? counted(total, 'entry', 'entries')
          : `${exact(matching)} of ${counted(total, 'entry', 'entries')}`}
        {!isComplete && ', of those that changed last'}
      </span>
      <a href={pathTo('topic', { topic })}>
        <Foreign mono>{topic}</Foreign>
      </a>
    </p>
  )
}

function Entry({ entry: { key, window, value, timestampMs } }: { readonly entry: StoreEntries['rows'][number] }) {
  const at = (ms: number) => clock(ms, nowMs.value)
  return (
    <li>
      <p class="row spread small">
        <Foreign mono>{key}</Foreign>
        {window !== null ? (
          <span class="soft">
            {at(window.startMs)}
            {window.endMs !== null && ` to ${at(window.endMs)}`}
          </span>
        ) : (
          timestampMs !== null && <span class="soft">{at(timestampMs)}</span>
        )}
      </p>
      <TextView text={value} label="Value" dense />
    </li>
  )
}
