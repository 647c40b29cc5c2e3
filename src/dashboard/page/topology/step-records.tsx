import { useEffect, useState } from 'preact/hooks'
import type { SampledRecords } from '../../contract'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { Waiting } from '../components/resource-view'
import { TextView } from '../components/text-view'
import { nowMs } from '../data/clock'
import { live } from '../data/session'
import { clock } from '../lib/format'

interface StepRecordsProps {
  readonly application: string
  readonly step: string
  readonly way: 'in' | 'out'
}

/** A few of the records of the last second that went into a step, or out of it. */
export function StepRecords({ application, step, way }: StepRecordsProps) {
  const [told, tell] = useState<SampledRecords>()
  useEffect(() => {
    tell(undefined)
    return live.subscribe({ kind: 'samples', application, node: step }, tell)
  }, [application, step])
  if (told === undefined) return <Waiting height={120} />
  const records = way === 'out' ? told.recordsOut : told.recordsIn
  if (records.length === 0) return <Empty title="No record in the last second">Some are shown as they come.</Empty>
  return (
    <ol class="records">
      {[...records].reverse().map(({ atMs, key, value, timestamp }) => (
        <li key={`${atMs} ${key} ${value}`}>
          <p class="row spread small">
            <Foreign mono>{key}</Foreign>
            <span class="soft">{clock(timestamp, nowMs.value, true)}</span>
          </p>
          <TextView text={value} label="Value" dense />
        </li>
      ))}
    </ol>
  )
}
