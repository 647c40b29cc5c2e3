import { Empty } from '../components/empty'
import { Waiting } from '../components/resource-view'
import { applications, byUrgency } from '../data/applications'
import { PageHead } from '../shell/page-head'
import { ApplicationCard } from './application-card'
import { ClusterCard } from './cluster-card'

/** Is anything wrong, and why: every application, the worst first, and the cluster below. */
export default function OverviewPage() {
  const told = applications.value
  return (
    <>
      <PageHead title="Overview" about={told === undefined ? undefined : inOneSentence()} />
      {told === undefined && <Waiting height={320} />}
      {told?.length === 0 && (
        <div class="card">
          <Empty title="No application has told of itself yet">
            Each worker of a topology publishes its vitals to a topic of the application. Start one, and it is here
            within a second.
          </Empty>
        </div>
      )}
      {byUrgency.value.map(state => (
        <ApplicationCard key={state.application.name} state={state} />
      ))}
      <ClusterCard />
    </>
  )
}

/** `All is well`, or how many applications aren't. */
function inOneSentence(): string {
  const states = byUrgency.value
  const many = (colour: string) => states.filter(({ diagnosis }) => diagnosis.colour === colour).length
  const [red, amber] = [many('red'), many('amber')]
  if (states.length === 0) return ''
  if (red + amber === 0) return states.length === 1 ? 'All is well.' : `All ${states.length} applications are well.`
  const parts = [red > 0 && `${red} in trouble`, amber > 0 && `${amber} worth a look`].filter(Boolean)
  return `Of ${states.length === 1 ? 'one application' : `${states.length} applications`}: ${parts.join(', ')}.`
}
