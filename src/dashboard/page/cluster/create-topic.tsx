import { useState } from 'preact/hooks'
import { api } from '../data/api'
import { pathTo } from '../lib/routes'
import { go } from '../shell/location'
import { Field } from './field'
import { FormDialog } from './form-dialog'
import { pairsOf } from './pairs-text'

/** What is typed of a new topic. */
interface Draft {
  readonly topic: string
  readonly partitions: string
  readonly replication: string
  readonly settings: string
}

/** Makes a topic, and goes to it. */
export function CreateTopic({ close }: { readonly close: () => void }) {
  const [draft, setDraft] = useState<Draft>({ topic: '', partitions: '', replication: '', settings: '' })
  const set = (name: keyof Draft) => (value: string) => setDraft(last => ({ ...last, [name]: value }))
  const { topic } = draft
  const { pairs } = pairsOf(draft.settings, '=')
  const create = async () => {
    const numbers = { partitions: wholeOf(draft.partitions), replication: wholeOf(draft.replication) }
    const body = { topic, ...numbers, settings: Object.fromEntries(pairs), confirm: topic }
    await api('POST /api/topics', { body })
    close()
    go(pathTo('topic', { topic }))
  }
  return (
    <FormDialog title="Create a topic" verb={`Create ${topic}`} missing={missingIn(draft)} act={create} close={close}>
      <Field label="Name" value={topic} change={set('topic')} />
      <Field
        label="Partitions"
        value={draft.partitions}
        change={set('partitions')}
        placeholder="the broker’s default"
      />
      <Field
        label="Replicas"
        value={draft.replication}
        change={set('replication')}
        placeholder="the broker’s default"
      />
      <Field
        {...{ label: 'Settings, one a line', long: true, placeholder: 'cleanup.policy=compact' }}
        value={draft.settings}
        change={set('settings')}
      />
    </FormDialog>
  )
}

const wholeOf = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text))

function missingIn({ topic, partitions, replication, settings }: Draft): string | undefined {
  if (topic === '') return 'It needs a name.'
  for (const [what, text] of [
    ['partitions', partitions],
    ['replicas', replication],
  ] as const)
    if (!/^\d*$/.test(text.trim()) || wholeOf(text) === 0) return `The number of ${what} is 1 or more.`
  const { wrongLine } = pairsOf(settings, '=')
  return wrongLine === undefined ? undefined : `Line ${wrongLine} of the settings is no name=value.`
}
