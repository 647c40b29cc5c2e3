import { ConfirmDialog } from '../components/confirm-dialog'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { api } from '../data/api'
import { useResource } from '../data/use-resource'
import { counted, exact } from '../lib/format'
import { pathTo } from '../lib/routes'
import { go } from '../shell/location'

interface DeleteTopicProps {
  readonly topic: string
  readonly close: () => void
}

/** Says what would be lost, and deletes a topic once its name is typed. */
export function DeleteTopic({ topic, close }: DeleteTopicProps) {
  const view = useResource('GET /api/topics/:topic', { params: { topic } })
  const act = async (confirm: string) => {
    await api('DELETE /api/topics/:topic', { params: { topic }, body: { confirm } })
    go(pathTo('topics'))
  }
  return (
    <ConfirmDialog title="Delete the topic" name={topic} verb="Delete" act={act} close={close}>
      <ResourceView of={view} height={40}>
        {({ records, readers }) => (
          <>
            <p>{records === null ? 'All its records' : counted(records, 'record')} will be gone for ever.</p>
            {readers.map(({ group, members, lag }) => (
              <p key={group}>
                The group <Foreign>{group}</Foreign> has offsets in it: {counted(members, 'member')}, lag{' '}
                {lag === null ? 'not known' : exact(lag)}.
              </p>
            ))}
          </>
        )}
      </ResourceView>
    </ConfirmDialog>
  )
}
