import { NotFoundError } from '../../../ops/errors'
import { itemAt } from '../../../required'
import { CONFIRM, type Confirmed, requireYes } from '../../shared/confirm'
import { counted } from '../../shared/output'
import { whole } from '../../shared/parse'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly version?: number
  readonly permanent?: boolean
}

export default verb<Options>({
  arguments: [{ name: '<subject>', about: 'the subject, usually <topic>-value', completes: 'subject' }],
  options: [
    { flags: '--version <n>', about: 'only this version', parse: whole('version', 1) },
    { flags: '--permanent', about: 'for good: records that were written with it can never be read again' },
    ...CONFIRM,
  ],
  about: `What is deleted counts no more for compatibility, and is found by its subject no more; records that were written with it are still
read. With --permanent, which takes what was deleted before too, they are not. Refused (4) while another schema refers to it.`,
  examples: [
    ['schemas delete orders-value', 'says what would be deleted, deletes nothing (exit 4)'],
    ['schemas delete orders-value --yes', 'all versions'],
    ['schemas delete orders-value --version 2 --yes', 'one of them'],
    ['schemas delete orders-value --permanent --yes', 'for good'],
  ],
  async run({ registry, args, options, out }) {
    const subject = itemAt(args, 0)
    const { version, permanent = false } = options
    const client = registry()
    const known = await client.versions(subject, permanent)
    if (version !== undefined && !known.includes(version))
      throw new NotFoundError(`subject "${subject}" has no version ${version}; it has ${known.join(', ')}`)
    const versions = version === undefined ? known : [version]
    const what =
      version === undefined
        ? `subject "${subject}" (${counted(known.length, 'version')})`
        : `version ${version} of "${subject}"`
    const loss = permanent ? ' for good, so that records written with it can never be read again' : ''
    requireYes(options, `delete ${what}${loss}`)
    await client.delete(subject, version, permanent)
    out.thing({ subject, versions, permanent, deleted: true }, () => {})
    out.note(`deleted ${what}${permanent ? ' for good' : ''}`)
  },
})
