#!/usr/bin/env node
const { create } = require('../dist/create/create.js')

try {
  process.exitCode = create(process.argv.slice(2), text => process.stdout.write(text))
} catch (error) {
  console.error(`create-weir: ${error.message}`)
  process.exitCode = { ConfigError: 2, NotFoundError: 3 }[error.name] ?? 1
}
