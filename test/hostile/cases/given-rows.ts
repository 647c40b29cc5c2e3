import type { AvroTypeJson } from '../../../src/codecs/avro-schema'
import type { Row } from '../case'
import type { Scene } from '../scene'
import { body, good, tableOf } from './parts'

export const optional = (name: string, type: AvroTypeJson) => ({
  ...{ name, type: ['null' as const, type], default: null },
})

/** A record that is to be a row, or a dead letter. */
export interface GivenRow<T extends object = Readonly<Record<string, unknown>>> {
  readonly came: string
  readonly row: T
  /** What the dead letter says; absent: it is a row. */
  readonly says?: RegExp
  /** What SQL shows of the row: an expression over it, and its text. */
  readonly holds?: readonly [expression: string, text: string]
}

interface Forms<T extends object> {
  /** What is sent. */
  readonly bodyOf?: (given: GivenRow<T>, i: number) => string
  /** The text of what a row holds. */
  readonly textOf?: (expression: string) => string
}

/** Sends the inputs with twenty good ones: a row of the verdict for each, and one that all that came with them is there. */
export async function givenRows<T extends object>(
  scene: Scene,
  inputs: readonly GivenRow<T>[],
  {
    bodyOf = ({ row }, i) => body({ id: `row ${i}`, ...row }),
    textOf = expression => `(${expression})::text`,
  }: Forms<T> = {},
): Promise<Row[]> {
  await scene.working()
  const given = inputs.map((each, i) => ({ key: 'k', value: bodyOf(each, i), partition: i % 2 }))
  await scene.send('in', [...given, ...good(20).map(each => ({ ...each, value: body({ id: each.key }) }))])
  const refused = inputs.filter(({ says }) => says !== undefined).length
  const letters = await scene.letters('in', refused)
  const table = tableOf(scene.names)
  const stored = inputs.length - refused + 20
  const count = async () => Number((await scene.sql<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n)
  await scene.until(async () => (await count()) >= stored, `${stored} rows`)
  const rows: Row[] = []
  for (const [i, each] of inputs.entries()) {
    const { came, says, holds: [expression, text] = ['id', ''] } = each
    const why = letters.find(({ value }) => value === bodyOf(each, i))?.headers['weir.error.message'] ?? ''
    const found = await scene.sql<{ text: string }>(
      `SELECT ${textOf(expression)} AS text FROM ${table} WHERE id = $1`,
      [`row ${i}`],
    )
    if (says !== undefined)
      rows.push({ came, out: why || `stored ${found.length} times`, isRight: says.test(why) && found.length === 0 })
    else rows.push({ came, out: why || String(found[0]?.text), isRight: found.length === 1 && found[0]?.text === text })
  }
  return [
    ...rows,
    { came: 'twenty good ones beside them', out: `${await count()} rows`, isRight: (await count()) === stored },
  ]
}
