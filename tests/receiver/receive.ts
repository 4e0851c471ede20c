import { listen } from '../../src/receiver/listen.ts'
import { openStore } from '../../src/store/store.ts'

// A receiving process of its own that says its address and waits to be killed: node receive.ts FOLDER RUN
const [, , folder = '', runId = ''] = process.argv
const receiver = await listen({ sink: openStore({ folder }), runId })
process.stdout.write(`${receiver.url}\n`)
