import { deadLetterTopics, topicOfGroup } from '../../../ops/dead-letters'
import { NotFoundError } from '../../../ops/errors'
import { redrive } from '../../../ops/redrive'
import { itemAt } from '../../../required'
import { CONFIRM, type Confirmed, isConfirmed } from '../../shared/confirm'
import { counted } from '../../shared/output'
import { verb } from '../../shared/verb'

export default verb<Confirmed>({
  arguments: [{ name: '<id>', about: 'which letters: an ID of `dead-letters list`' }],
  options: CONFIRM,
  about: `Sends the bad records of one application, step and error to the topic that they were read from, as they were, each once: in one transaction with
the marks that they were sent. What failed behind a repartition, or at an end behind a step with memory, goes to that internal topic, and no step
before it takes it in again; the application has to run then. Without --yes it only says what it would do.`,
  examples: [
    [
      'dead-letters redrive sensor_data_dead_letters~0a1b2c3d4e5f60718293',
      'says how many would be sent, sends nothing',
    ],
    ['dead-letters redrive sensor_data_dead_letters~0a1b2c3d4e5f60718293 --yes', 'sends them'],
  ],
  async run({ cluster, args, options, out, timeoutMs }) {
    const id = itemAt(args, 0)
    const source = (await deadLetterTopics(cluster)).get(topicOfGroup(id) ?? '')
    if (source === undefined)
      throw new NotFoundError(`there are no dead letters of "${id}": \`weir dead-letters list\` says which there are`)
    const execute = isConfirmed(options)
    const { to, letters, passed } = await redrive(cluster, { source, group: id, execute, timeoutMs })
    out.thing({ id, to, letters, passed, done: execute }, () => {})
    for (const { why, letters: many } of passed) out.note(`${counted(many, 'letter')} passed over: ${why}`)
    if (execute) out.note(`sent ${counted(letters, 'letter')} to "${to}" again`)
    else
      out.note(`this would send ${counted(letters, 'letter')} to "${to}" again; nothing was done, add --yes to do it`)
  },
})
