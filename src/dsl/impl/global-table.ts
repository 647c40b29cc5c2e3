import type { GlobalKTable } from '../face/streams'
import type { GlobalTableDraft } from '../steps/drafts'
import { remember } from './faces'

export class GlobalTable<K, V> implements GlobalKTable<K, V> {
  readonly store: string

  constructor(draft: GlobalTableDraft) {
    this.store = draft.node.spec.store
    remember(this, draft)
  }
}
