import { openStore } from '../../src/store/store.ts'
import { nanosOf } from '../../src/trace/time.ts'

// A process of its own that keeps versions of one spec: node version-writer.ts FOLDER COUNT
const [, , folder = '', count = '0'] = process.argv
await using store = openStore({ folder })
for (let number = 0; number < Number(count); number += 1) {
  await store.keepSpecs([
    {
      path: 'specs/a.yaml',
      name: 'a',
      sha256: `sha-${number}`,
      text: `text ${number}`,
      firstSeen: nanosOf(1n),
      origin: 'run',
    },
  ])
}
