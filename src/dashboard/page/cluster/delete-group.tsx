import { ConfirmDialog } from '../components/confirm-dialog'
import { api } from '../data/api'
import { pathTo } from '../lib/routes'
import { go } from '../shell/location'

/** Deletes a group and its offsets once its name is typed. */
export function DeleteGroup({ group, close }: { readonly group: string; readonly close: () => void }) {
  const act = async (confirm: string) => {
    await api('DELETE /api/groups/:group', { params: { group }, body: { confirm } })
    go(pathTo('groups'))
  }
  return (
    <ConfirmDialog title="Delete the group" name={group} verb="Delete" act={act} close={close}>
      <p>Its offsets are forgotten: whoever reads with it next begins where a new group does. The topics keep all.</p>
    </ConfirmDialog>
  )
}
