import { useEffect, useState } from 'preact/hooks'
import type { Given, Problem } from '../../contract'
import { ConfirmDialog } from '../components/confirm-dialog'
import { Dialog } from '../components/dialog'
import { Foreign } from '../components/foreign'
import { ProblemPanel } from '../components/problem-panel'
import { Waiting } from '../components/resource-view'
import { api, problemFrom } from '../data/api'
import { counted } from '../lib/format'

type Redriven = Given<'POST /api/dead-letters/:id/redrive'>

const name = 'POST /api/dead-letters/:id/redrive'

/** Sends bad records to the topic that they came from, each once: first says how many, then does it once the topic's name is typed. */
export function Redrive({ id, close }: { readonly id: string; readonly close: () => void }) {
  const [plan, setPlan] = useState<Redriven>()
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => {
    api(name, { params: { id }, body: {} }).then(setPlan, (error: unknown) => setProblem(problemFrom(error)))
  }, [id])
  if (plan === undefined)
    return (
      <Dialog title="Send again" close={close}>
        {problem === undefined ? <Waiting height={80} /> : <ProblemPanel problem={problem} />}
      </Dialog>
    )
  const act = async (confirm: string) => void (await api(name, { params: { id }, body: { confirm } }))
  return (
    <ConfirmDialog title="Send again" name={plan.to} verb="Send again" act={act} close={close}>
      <p>
        {counted(plan.letters, 'record')} would be written to <Foreign>{plan.to}</Foreign> once more. Whoever reads it
        meets them as new ones.
      </p>
      {plan.passed.map(({ why, letters }) => (
        <p key={why} class="soft">
          {counted(letters, 'letter')} left as they are: {why}
        </p>
      ))}
    </ConfirmDialog>
  )
}
