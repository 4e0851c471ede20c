import {
  embeddedStore,
  fileForms,
  folderOf,
  sendOverGrpc,
  sendOverHttp,
  writeToStore,
} from './local-ways.ts'
import { openByOldJaeger, openByZipkin } from './opened.ts'
import { describeSameVerdict, type Way } from './suite.ts'

const special: Readonly<Record<string, Pick<Way, 'opens'>>> = {
  'jaeger.json': { opens: { 'all that a span can say': openByOldJaeger } },
  'zipkin.json': { opens: { 'all that a span can say': openByZipkin } },
}

for (const [extension, encode] of Object.entries(fileForms)) {
  describeSameVerdict({
    name: `a file .${extension}`,
    make: () => folderOf(extension, encode),
    ...special[extension],
  })
}

describeSameVerdict({ name: 'the embedded store', make: () => embeddedStore(writeToStore) })
describeSameVerdict({ name: 'the receiver over HTTP', make: () => embeddedStore(sendOverHttp) })
describeSameVerdict({ name: 'the receiver over gRPC', make: () => embeddedStore(sendOverGrpc) })
