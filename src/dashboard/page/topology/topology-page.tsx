import type { ApplicationState } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { Waiting } from '../components/resource-view'
import { Status, toneWords } from '../components/status'
import { Verdict } from '../components/verdict'
import { applications, isAged, stateOf } from '../data/applications'
import { pathTo, type ViewProps } from '../lib/routes'
import { go } from '../shell/location'
import { PageHead } from '../shell/page-head'
import { ApplicationFigures } from './application-figures'
import { GraphView } from './graph-view'
import { NodePanel } from './node-panel'
import { TaskBoard } from './task-board'

/** An application's steps, what flows between them, what is wrong and why. */
export default function TopologyPage({ route: { params } }: ViewProps) {
  const name = params.application ?? ''
  const state = stateOf(name)
  if (applications.value === undefined) return <Waiting height={600} />
  if (state === undefined)
    return (
      <Empty title="No such application">
        No vitals of <Foreign>{name}</Foreign> have been read. They come from its workers, into the topic{' '}
        <Foreign mono>{`${name}-vitals`}</Foreign>.
      </Empty>
    )
  return <Topology state={state} node={params.node} />
}

function Topology({ state, node }: { readonly state: ApplicationState; readonly node: string | undefined }) {
  const { application, diagnosis } = state
  const { topology, name } = application
  const open = (step: string | undefined) =>
    go(pathTo('topology', step === undefined ? { application: name } : { application: name, node: step }), true)
  return (
    <>
      <PageHead title={name} about={topology && `Topology ${topology.epoch} · weir ${topology.version}`}>
        <Status tone={diagnosis.colour}>{toneWords[diagnosis.colour]}</Status>
      </PageHead>
      <section class="verdict" aria-label="What is wrong">
        <Verdict diagnosis={diagnosis} />
      </section>
      <div class={isAged(state) ? 'stack aged' : 'stack'}>
        <ApplicationFigures application={application} />
        {topology === undefined ? (
          <Empty title="The picture of this topology has not been read yet">
            Its workers publish it when they start.
          </Empty>
        ) : (
          <div class={node === undefined ? 'graph-and-panel' : 'graph-and-panel open'}>
            <GraphView state={state} topology={topology} chosen={node} open={open} />
            {node !== undefined && <NodePanel state={state} name={node} close={() => open(undefined)} />}
          </div>
        )}
        <Card title="Workers and tasks" flush>
          <TaskBoard state={state} />
        </Card>
      </div>
    </>
  )
}
