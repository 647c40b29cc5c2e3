import { statSync } from 'node:fs'
import { build } from './build'
import { tarball } from './tarball'

/** `npm run pack`: makes the packages' tarballs in `.weir/packages`, and says where they are and how large. */
async function main(): Promise<void> {
  for (const folder of await build()) {
    const file = await tarball(folder)
    console.log(`${file}  ${Math.ceil(statSync(file).size / 1000)} kB`)
  }
}

main().catch((error: Error) => {
  console.error(`pack: ${error.message}`)
  process.exitCode = 1
})
