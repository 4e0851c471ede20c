// Runs before the tests, on whatever Node npm finds: old syntax only.
'use strict'

var parts = process.versions.node.split('.').map(Number)
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 13)) {
  console.error(
    'tracespec needs Node.js 22.13 or newer, this is ' +
      process.version +
      '; "npm ci" installs Node.js 24 for the scripts of this project',
  )
  process.exit(1)
}
