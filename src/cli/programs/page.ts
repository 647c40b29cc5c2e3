import { Command } from 'commander'
import { buildPage, mostScriptBytes, scriptBytes, sizesOf } from '../../dashboard/build/build-page'
import { writePage } from '../../dashboard/build/page-files'
import { StreamError } from '../../errors'

async function run({ out }: { readonly out?: string }): Promise<void> {
  const files = await buildPage()
  const sizes = sizesOf(files)
  for (const { path, bytes, brotliBytes } of sizes)
    console.log(`${path.padEnd(36)} ${String(bytes).padStart(8)} B   ${String(brotliBytes).padStart(7)} B brotli`)
  const scripts = scriptBytes(sizes)
  console.log(`${'scripts together'.padEnd(36)} ${' '.repeat(13)}${String(scripts).padStart(7)} B brotli`)
  if (out !== undefined) await writePage(files, out)
  if (scripts <= mostScriptBytes) return
  console.error(`page: the scripts may take ${mostScriptBytes} B: load less, or write it shorter.`)
  process.exitCode = 1
}

new Command('page')
  .description("compiles the dashboard's page and says what a browser has to load")
  .option('--out <folder>', 'write it there')
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof StreamError ? `page: ${error.message}` : error)
    process.exitCode = 1
  })
