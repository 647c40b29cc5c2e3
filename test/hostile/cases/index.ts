import type { Hostile } from '../case'
import { answers } from './answers'
import { avros } from './avro'
import { brokers } from './brokers'
import { columns } from './columns'
import { contents } from './contents'
import { damage } from './damage'
import { foreign } from './foreign'
import { messages } from './messages'
import { moreResults } from './more-results'
import { oddResults } from './odd-results'
import { refusedResults } from './refused-results'
import { registries } from './registries'
import { closings } from './results'
import { silent } from './silent'
import { tables } from './tables'
import { times } from './times'
import { topicSettings } from './topic-settings'
import { topics } from './topics'
import { values } from './values'

/** Every input, by the letter of the promise that it attacks. */
export const cases: readonly Hostile[] = [
  ...contents,
  ...damage,
  ...messages,
  ...brokers,
  ...closings,
  ...moreResults,
  ...refusedResults,
  ...topics,
  ...topicSettings,
  ...times,
  ...answers,
  ...values,
  ...avros,
  ...registries,
  ...tables,
  ...columns,
  ...silent,
  ...oddResults,
  ...foreign,
]
