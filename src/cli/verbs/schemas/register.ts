import { checkSchema } from '../../../ops/check-schema'
import { RefusedError } from '../../../ops/errors'
import { schemaFile } from '../../shared/schema-file'
import { verb } from '../../shared/verb'

export default verb({
  arguments: [
    { name: '<subject>', about: 'the subject, usually <topic>-value', completes: 'subject' },
    { name: '<file>', about: 'an .avsc file; - is stdin', completes: 'file' },
  ],
  about: 'Does nothing when the subject has this very schema; refused (4) when it is incompatible.',
  examples: [['schemas register sensor_data-value schemas/reading.avsc', 'as the next version']],
  async run({ registry, args, out }) {
    const [subject, file] = args as [string, string]
    const schema = schemaFile(file)
    const { state, faults } = await checkSchema(registry(), subject, schema)
    if (state === 'incompatible') {
      throw new RefusedError(
        `"${file}" is not compatible with "${subject}"${faults.length > 0 ? `: ${faults.join('; ')}` : ''}`,
      )
    }
    const id = await registry().register(subject, schema)
    out.thing({ subject, id, added: state !== 'same' }, () => out.line(`${subject}  id ${id}`))
    out.note(state === 'same' ? 'it was registered already' : 'registered')
  },
})
