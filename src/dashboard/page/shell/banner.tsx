import { Outages } from '../components/problem-panel'
import { nowMs } from '../data/clock'
import { connection, outages } from '../data/session'
import { duration } from '../lib/format'

/** A blink of a connection is nobody's business, ms. */
const blinkMs = 1500

/** What is said above every view: that the server or a service is away, and that what is shown is old for that. */
export function Banner() {
  const { is, sinceMs } = connection.value
  const goneMs = nowMs.value - sinceMs
  if (is !== 'live' && goneMs > blinkMs)
    return (
      <div class="banner red" role="status">
        <strong>The dashboard’s server does not answer</strong>
        <span>
          since {duration(goneMs)}. What is shown is as old. Start it again with <code>weir dashboard</code>: this page
          goes on by itself.
        </span>
      </div>
    )
  if (outages.value.length === 0) return null
  return (
    <div class="banner" role="status">
      <Outages outages={outages.value} />
    </div>
  )
}
