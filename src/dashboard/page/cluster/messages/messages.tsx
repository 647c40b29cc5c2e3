import { useComputed } from '@preact/signals'
import { query } from '../../shell/location'
import { Browse } from './browse'
import { Controls } from './controls'
import { Follow } from './follow'
import { readingOf } from './reading'
import { Search } from './search'

/** The messages of a topic: browsed from anywhere, searched, or followed. The address says which, and so does a link. */
export function Messages({ topic }: { readonly topic: string }) {
  const reading = useComputed(() => readingOf(query.value)).value
  // What is read otherwise begins anew.
  const { filter, from, partitions, keyFormat, valueFormat, uncommitted } = reading
  const key = JSON.stringify([topic, filter, from, partitions, keyFormat, valueFormat, uncommitted])
  return (
    <>
      <Controls topic={topic} reading={reading} />
      {reading.mode === 'browse' && <Browse topic={topic} reading={reading} />}
      {reading.mode === 'search' && <Search key={key} topic={topic} reading={reading} />}
      {reading.mode === 'follow' && <Follow key={key} topic={topic} reading={reading} />}
    </>
  )
}
