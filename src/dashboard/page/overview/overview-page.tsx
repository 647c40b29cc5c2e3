import { Card, Figure, Figures } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { Status } from '../components/status'
import { type ApplicationState, applications, byUrgency } from '../data/applications'
import { duration, exact, perSecond } from '../lib/format'
import { PageHead } from '../shell/page-head'

/** Is anything wrong, and why: every application, the worst first. */
export default function OverviewPage() {
  return (
    <>
      <PageHead title="Overview" />
      {applications.value?.length === 0 && (
        <Empty title="No application has told of itself yet">
          Each worker of a topology publishes its vitals to a topic of the application. Start one with{' '}
          <code>weir start</code>, and it is here within a second.
        </Empty>
      )}
      {byUrgency.value.map(state => (
        <ApplicationCard key={state.application.name} {...state} />
      ))}
    </>
  )
}

function ApplicationCard({ application, diagnosis }: ApplicationState) {
  const { lag } = application
  return (
    <Card
      title={<Foreign>{application.name}</Foreign>}
      tools={<Status tone={diagnosis.colour}>{diagnosis.sentence}</Status>}
    >
      <Figures>
        <Figure label="Records in" value={perSecond(application.rate)} />
        <Figure
          label="Lag"
          value={lag.ms === undefined ? '–' : duration(lag.ms)}
          note={lag.records !== undefined && `${exact(lag.records)} records, ${lag.trend}`}
        />
      </Figures>
    </Card>
  )
}
