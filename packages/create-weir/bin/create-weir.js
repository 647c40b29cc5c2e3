#!/usr/bin/env node
const { create } = require('../dist/create/create.js')

try {
  process.exitCode = create(process.argv.slice(2), text => process.stdout.write(text))
} catch (error) {
  console.error(`create-weir: ${error.message}`)
  process.exitCode = error.name === 'ConfigError' ? 2 : 1
}
