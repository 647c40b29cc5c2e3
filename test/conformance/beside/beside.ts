import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Batch, type Sides, type Verdict } from './batch'
import { Crew } from './crew'
import { type Drawn, drawTopologies } from './draw'
import { Ground } from './ground'
import { javaCommand } from './java'

export interface BesideOptions {
  readonly topologies: number
  readonly seed: number
  readonly kills: boolean
  /** Only these, by name (`t17`), over the input that they have among all; absent: all. */
  readonly only?: readonly string[]
  /** Where both sides' results of what is unlike are written, a file a topology; absent: nowhere. */
  readonly results?: string
}

/** Topologies that share processes: more are cheaper, fewer are given their tasks sooner. */
const batchSize = 40
const perTopic = 240
const root = join(__dirname, '..', '..', '..')

/** Runs a seed's topologies by weir and by Kafka Streams on one broker, and compares what both have written. Says what is unlike; true where nothing is. */
export async function runBeside(options: BesideOptions): Promise<boolean> {
  const drawn = drawTopologies(options.seed, options.topologies)
  const isWanted = ({ name }: Drawn) => options.only?.includes(name) ?? true
  const batches = [...inBatches(drawn.filter(each => each.mayMove)), ...inBatches(drawn.filter(each => !each.mayMove))]
  const verdicts: Verdict[] = []
  const ground = await Ground.start()
  let sides: Sides | undefined
  try {
    const java = await javaCommand(ground.folder, 'Beside')
    const weir = [process.execPath, join(root, 'bin/run.mjs'), join(__dirname, 'weir-program.ts')] as const
    sides = {
      weir: new Crew('weir', [...weir], ground.folder),
      kafkaStreams: new Crew('kafka-streams', java, ground.folder),
    }
    for (const [number, all] of batches.entries()) {
      const batch = all.filter(isWanted)
      if (batch.length === 0) continue
      console.log(`batch ${number + 1} of ${batches.length}: ${batch.length} topologies`)
      const tell = (event: string) => console.log(`  ${event}`)
      for (const verdict of await new Batch(ground, sides, batch, { ...options, number, perTopic, tell }).run()) {
        verdicts.push(verdict)
        tellUnlike(verdict, options.seed)
        keep(verdict, options)
      }
    }
  } finally {
    await Promise.all([sides?.weir.end(), sides?.kafkaStreams.end()])
    await ground.stop()
  }
  return tellAll(verdicts)
}

function keep({ drawn, unlike, weir, kafkaStreams }: Verdict, { seed, results }: BesideOptions): void {
  if (results === undefined || unlike === undefined) return
  const lines = (of: typeof weir) => of.map(each => JSON.stringify(each)).join('\n')
  const file = join(results, `${seed}-${drawn.name}.txt`)
  writeFileSync(file, `weir\n${lines(weir)}\n\nKafka Streams\n${lines(kafkaStreams)}\n`)
}

function inBatches(drawn: readonly Drawn[]): Drawn[][] {
  const batches: Drawn[][] = []
  for (let i = 0; i < drawn.length; i += batchSize) batches.push(drawn.slice(i, i + batchSize))
  return batches
}

function tellUnlike({ drawn, unlike }: Verdict, seed: number): void {
  if (unlike === undefined) return
  const lines = (results: typeof unlike.weir) =>
    results.map(({ value, timestamp }) => `    ${timestamp} ${JSON.stringify(value)}`).join('\n')
  const nodes = drawn.nodes.map(node => `    ${JSON.stringify(node)}`).join('\n')
  console.log(
    `UNLIKE ${drawn.name} of seed ${seed}: ${drawn.family}, compared by ${drawn.comparison}\n  spec\n${nodes}`,
  )
  console.log(`  key ${unlike.key}\n  weir\n${lines(unlike.weir)}\n  Kafka Streams\n${lines(unlike.kafkaStreams)}`)
}

/** A line for each class of comparison and family, and the sum. */
function tellAll(verdicts: readonly Verdict[]): boolean {
  const lines = new Map<string, { all: number; equal: number; results: number }>()
  for (const { drawn, unlike, kafkaStreams } of verdicts) {
    const name = `${drawn.comparison}: ${drawn.family}${drawn.mayMove ? '' : ', workers at rest'}`
    const line = lines.get(name) ?? { all: 0, equal: 0, results: 0 }
    lines.set(name, line)
    line.all++
    line.results += kafkaStreams.length
    if (unlike === undefined) line.equal++
  }
  for (const [name, { all, equal, results }] of [...lines].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${name}: ${all} topologies, ${equal} equal, ${results} results`)
  const equal = verdicts.filter(({ unlike }) => unlike === undefined).length
  console.log(`${verdicts.length} topologies, ${equal} equal, ${verdicts.length - equal} unlike`)
  return equal === verdicts.length && verdicts.some(({ kafkaStreams }) => kafkaStreams.length > 0)
}
