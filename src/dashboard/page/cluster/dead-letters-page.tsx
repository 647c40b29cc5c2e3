import type { ViewProps } from '../lib/routes'
import { DeadLetterKind } from './dead-letter-kind'
import { DeadLetterKinds, nobody } from './dead-letter-kinds'

/** Dead letters: all kinds of them, those of one application, or the letters of one kind, as the address says. */
export default function DeadLettersPage({ route: { params } }: ViewProps) {
  const { application, id } = params
  if (id !== undefined) return <DeadLetterKind id={id} />
  return <DeadLetterKinds application={application === nobody ? '' : application} />
}
