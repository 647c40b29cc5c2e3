import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { nowMs } from '../data/clock'
import { useResource } from '../data/use-resource'
import { ago, counted, exact } from '../lib/format'
import { pathTo } from '../lib/routes'

interface StepLettersProps {
  readonly application: string
  readonly step: string
}

/** The records that failed in a step, by error. */
export function StepLetters({ application, step }: StepLettersProps) {
  const letters = useResource('GET /api/dead-letters', { query: { application } }, 5000)
  return (
    <ResourceView of={letters} height={120}>
      {({ groups, all }) => {
        const own = groups.filter(group => group.step === step)
        if (own.length === 0)
          return (
            <Empty title="No dead letters of this step">{!all && 'Only the newest letters have been looked at.'}</Empty>
          )
        return (
          <ul class="records">
            {own.map(({ id, errorClass, errorMessage, letters: many, redriven, lastMs }) => (
              <li key={id}>
                <p>
                  <strong>
                    <Foreign>{errorClass}</Foreign>
                  </strong>{' '}
                  <Foreign>{errorMessage}</Foreign>
                </p>
                <p class="row spread small soft">
                  <span>
                    {counted(many, 'letter')}
                    {redriven > 0 && `, ${exact(redriven)} sent again`}, the last {ago(nowMs.value - lastMs)}
                  </span>
                  <a href={pathTo('dead-letters', { application, id })}>Look at them</a>
                </p>
              </li>
            ))}
          </ul>
        )
      }}
    </ResourceView>
  )
}
