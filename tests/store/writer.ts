import { encodeTraces } from '../../src/otlp/encode.ts'
import { openStore } from '../../src/store/store.ts'
import { span } from '../trace/spans.ts'

// A process of its own that writes requests of ten spans: node writer.ts FOLDER NUMBER REQUESTS
const [, , folder = '', number = '0', requests = '0'] = process.argv
await using store = openStore({ folder })
for (let request = 0; request < Number(requests); request += 1) {
  const spans = Array.from({ length: 10 }, (_, index) =>
    span({ id: request * 10 + index, trace: Number(number) }),
  )
  await store.write('traces', encodeTraces(spans), 'shared')
}
