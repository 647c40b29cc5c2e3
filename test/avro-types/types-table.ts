import { everyType, type TypeCase } from './every-type'

const cell = (text: string) => `\`${text.replaceAll('|', '\\|')}\``

/** The type as its schema has it, without the names that it needs there. */
function avroOf({ type }: TypeCase): string {
  const text = JSON.stringify(type, (key, value) =>
    key === 'name' && typeof value === 'string' && /^[A-Z]/.test(value) ? undefined : value,
  )
  return text.startsWith('"') ? text.slice(1, -1) : text
}

function columnsOf({ columns }: TypeCase): string {
  return Object.entries(columns)
    .map(([end, type]) => (end === '' ? type : `…${end} ${type}`))
    .join(', ')
}

const row = (one: TypeCase) =>
  `| ${cell(avroOf(one))} | ${cell(one.typescript)} | ${cell(columnsOf(one))}: ${one.stored.map(cell).join(', ')} | ${cell(one.message)} | ${cell(one.line)} |`

/** The table of docs/types.md, of the data that the tests prove. */
export const typesTable = (): string =>
  [
    '| Avro | TypeScript | Postgres | MQTT | `weir consume`, taken back by `weir produce` |',
    '|---|---|---|---|---|',
    ...everyType.map(row),
  ].join('\n')
