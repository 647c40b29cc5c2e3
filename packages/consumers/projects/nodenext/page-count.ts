import { readFileSync } from 'node:fs'
import type { AvroSchema } from 'weir-streams'

export interface PageCount {
  readonly page: string
  readonly count: number
}

const file = new URL(import.meta.url.endsWith('.ts') ? 'page-count.avsc' : '../page-count.avsc', import.meta.url)

export const pageCount: AvroSchema<PageCount> = { name: 'page-count', json: JSON.parse(readFileSync(file, 'utf8')) }
