import { checkSchema } from '../../../ops/check-schema'
import { RefusedError } from '../../../ops/errors'
import { type NamedReference, referenceOption, schemaFile, withReferences } from '../../shared/schema-file'
import { verb } from '../../shared/verb'

export default verb<{ reference?: readonly NamedReference[] }>({
  arguments: [
    { name: '<subject>', about: 'the subject, usually <topic>-value', completes: 'subject' },
    { name: '<file>', about: 'an .avsc file; - is stdin', completes: 'file' },
  ],
  options: [referenceOption],
  about: 'Does nothing when the subject has this very schema; refused (4) when it is incompatible.',
  examples: [
    ['schemas register sensor_data-value schemas/reading.avsc', 'as the next version'],
    [
      'schemas register order-value order.avsc --reference shop.Address=address',
      'with a type that another subject holds',
    ],
  ],
  async run({ registry, args, options, out }) {
    const [subject, file] = args as [string, string]
    const schema = await withReferences(registry(), await schemaFile(file, out.streams), options.reference)
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
