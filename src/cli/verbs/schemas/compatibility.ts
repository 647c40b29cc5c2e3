import { compatibilityLevels } from '../../../codecs/compatibility-levels'
import { UsageError } from '../../../ops/errors'
import { CONFIRM, type Confirmed, requireYes } from '../../shared/confirm'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly set?: string
  readonly unset?: boolean
}

export default verb<Options>({
  arguments: [
    { name: '[subject]', about: 'the subject, usually <topic>-value; without one, the registry', completes: 'subject' },
  ],
  options: [
    {
      flags: '--set <level>',
      about: compatibilityLevels.join(', '),
      parse: text => text.toUpperCase().replaceAll('-', '_'),
      completes: compatibilityLevels,
    },
    { flags: '--unset', about: "the registry's own level counts for the subject again" },
    ...CONFIRM,
  ],
  about: `BACKWARD: the new schema reads what was written; FORWARD: the former ones read what will be; FULL: both; NONE: anything goes. With
TRANSITIVE it is about all former versions, else the latest. To change the registry's own level, which counts for all subjects without
one, needs --yes.`,
  examples: [
    ['schemas compatibility', "the registry's own level"],
    ['schemas compatibility orders-value', 'what counts for the subject, and whose level that is'],
    ['schemas compatibility orders-value --set FULL', 'old and new read each other'],
  ],
  async run({ registry, args, options, out }) {
    const [subject] = args
    const { set, unset } = options
    if (set !== undefined && unset) throw new UsageError('either --set or --unset')
    if (unset && subject === undefined)
      throw new UsageError("the registry's own level can be changed, with --set, not unset")
    if (set !== undefined && !compatibilityLevels.some(level => level === set))
      throw new UsageError(`"${set}" is no level: ${compatibilityLevels.join(', ')}`)
    const client = registry()
    if (set !== undefined && subject === undefined)
      requireYes(options, `make ${set} the level of all subjects that have none of their own`)
    if (set !== undefined) await client.setCompatibility(subject, set)
    if (unset && subject !== undefined) await client.unsetCompatibility(subject)
    const own = await client.ownCompatibility(subject)
    const level = own ?? (await client.ownCompatibility(undefined)) ?? 'NONE'
    const setBy = subject !== undefined && own !== undefined ? 'subject' : 'registry'
    out.rows(
      [{ subject: subject ?? null, level, setBy }],
      [
        { title: 'SUBJECT', value: row => row.subject },
        { title: 'LEVEL', value: row => row.level },
        { title: 'SET-BY', value: row => row.setBy },
      ],
    )
  },
})
