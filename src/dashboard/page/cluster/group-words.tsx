import type { GroupView } from '../../contract'
import { Foreign } from '../components/foreign'
import { Status } from '../components/status'
import { short } from '../lib/format'

/** How a group is: with nobody in it, nothing reads what it is meant to read. */
export function GroupState({ state, members }: { readonly state: string; readonly members: number }) {
  if (state === 'Dead') return <Status tone="red">{state}</Status>
  if (members === 0) return <Status tone="amber">{state}, nobody reads with it</Status>
  return <Status tone={state === 'Stable' ? 'green' : 'amber'}>{state}</Status>
}

/** Whether a lag grows or shrinks, in records a second. */
export function LagTrend({ perSecond }: { readonly perSecond: number | null }) {
  if (perSecond === null) return <span class="faint">–</span>
  // Less than one in ten seconds is no trend.
  if (Math.abs(perSecond) < 0.1) return <span class="soft">steady</span>
  return perSecond > 0 ? (
    <Status tone="amber">+{short(perSecond)}/s</Status>
  ) : (
    <Status tone="green">−{short(-perSecond)}/s</Status>
  )
}

/** What should not be so with a group. */
export function Warnings({ warnings }: Pick<GroupView, 'warnings'>) {
  if (warnings.length === 0) return null
  return (
    <ul class="group-warnings" aria-label="Warnings">
      {warnings.map(({ code, what }) => (
        <li key={code}>
          <Status tone="amber">
            <Foreign>{what}</Foreign>
          </Status>
        </li>
      ))}
    </ul>
  )
}
