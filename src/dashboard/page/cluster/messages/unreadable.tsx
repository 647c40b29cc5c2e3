import type { MessagePage } from '../../../contract'
import { Foreign } from '../../components/foreign'
import { Status } from '../../components/status'
import { counted } from '../../lib/format'

/** What could not be read as it was asked for: it is left out, and said. */
export function Unreadable({ found }: { readonly found: MessagePage['unreadable'] }) {
  if (found.length === 0) return null
  return (
    <ul class="unreadable">
      {found.map(({ what, records }) => (
        <li key={what}>
          <Status tone="amber">
            {counted(records, 'record')} left out: <Foreign>{what}</Foreign>
          </Status>
        </li>
      ))}
    </ul>
  )
}
