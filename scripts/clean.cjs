// Empties dist, so that no file of an earlier build gets into the tarball.
'use strict'

require('node:fs').rmSync(require('node:path').join(__dirname, '../dist'), {
  recursive: true,
  force: true,
})
