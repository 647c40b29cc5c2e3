import type { TaskView } from '../../../vitals/model'
import type { ApplicationState, ToldApplication, ToldWorker } from '../../contract'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { Status, type Tone } from '../components/status'
import { nowMs } from '../data/clock'
import { ago, bytes, clock, counted, duration, exact, perSecond } from '../lib/format'
import { lagFigure } from '../lib/lag-words'

/** Which worker has which tasks, and how each is. */
export function TaskBoard({ state }: { readonly state: ApplicationState }) {
  const { workers, tasks } = state.application
  if (workers.length === 0)
    return (
      <Empty title="No worker has told of itself">
        The application has been described, but none of its workers runs.
      </Empty>
    )
  const unowned = tasks.filter(({ status }) => status === 'unowned')
  return (
    <ul class="workers">
      {workers.map(worker => (
        <WorkerRow key={worker.tally.worker} worker={worker} state={state} />
      ))}
      {unowned.length > 0 && (
        <li class="worker">
          <div class="worker-head">
            <Status tone="red">{counted(unowned.length, 'task')} without a worker</Status>
          </div>
          <Tasks tasks={unowned} state={state} />
        </li>
      )}
    </ul>
  )
}

function WorkerRow({ worker, state }: { readonly worker: ToldWorker; readonly state: ApplicationState }) {
  const { tally, presence, ageMs } = worker
  const own = tasksOf(state.application, tally.worker)
  const tone: Tone = presence === 'left' ? 'grey' : (state.diagnosis.workers[tally.worker] ?? 'green')
  return (
    <li class={presence === 'here' ? 'worker' : 'worker aged'}>
      <div class="worker-head">
        <Status tone={tone}>{presence === 'lost' ? 'lost' : tally.state}</Status>
        <strong>
          <Foreign>{tally.host}</Foreign> <span class="soft">pid {tally.pid}</span>
        </strong>
        <Foreign mono>{tally.worker}</Foreign>
      </div>
      <p class="worker-about soft small">
        {presence === 'here' ? '' : `last words ${ago(ageMs)} · `}
        up {duration(tally.atMs - tally.startedAtMs)} · {Math.round(tally.process.cpu * 100)} % of a core ·{' '}
        {bytes(tally.process.rssBytes)} · {exact(tally.commits.count)} commits
        {tally.commits.lastAtMs !== undefined && `, the last ${clock(tally.commits.lastAtMs, nowMs.value)}`}
        {tally.commits.rollbacks > 0 && `, ${counted(tally.commits.rollbacks, 'rollback')}`}
      </p>
      {tally.reason !== undefined && (
        <p class="small">
          <Foreign>{tally.reason}</Foreign>
        </p>
      )}
      <Tasks tasks={own} state={state} />
      {tally.standbys.length > 0 && (
        <ul class="tasks" aria-label="Standbys">
          {tally.standbys.map(({ task, lag }) => (
            <li class="task standby" key={task} title={`standby of task ${task}: ${exact(lag)} changes behind`}>
              <span class="mono">{task}</span> <span class="faint">{lag === 0 ? 'standby' : `−${exact(lag)}`}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

const tasksOf = ({ tasks }: ToldApplication, worker: string): TaskView[] =>
  tasks.filter(task => task.worker === worker && task.status !== 'unowned')

function Tasks({ tasks, state }: { readonly tasks: readonly TaskView[]; readonly state: ApplicationState }) {
  if (tasks.length === 0) return null
  return (
    <ul class="tasks" aria-label="Tasks">
      {tasks.map(task => (
        <li class={`task ${state.diagnosis.tasks[task.id] ?? 'green'}`} key={task.id} title={about(task)}>
          <Status tone={state.diagnosis.tasks[task.id] ?? 'green'}>
            <span class="mono">{task.id}</span>
          </Status>
          <span class="number">{perSecond(task.rate)}</span>
          <span class="soft number">{task.status === 'running' ? lagFigure(task.lag) : task.status}</span>
        </li>
      ))}
    </ul>
  )
}

function about({ id, part, partition, lag, queuedBytes, streamTimeMs }: TaskView): string {
  const lines = [`task ${id}: sub-topology ${part}, partition ${partition}`, `lag ${lagFigure(lag)}`]
  if (queuedBytes > 0) lines.push(`${bytes(queuedBytes)} wait for an end`)
  if (streamTimeMs >= 0) lines.push(`event time ${clock(streamTimeMs, nowMs.value)}`)
  return lines.join('\n')
}
