import { describeSource } from '../conformance/sources/suite.ts'
import { ways } from './ways.ts'

for (const { name, writer, open } of ways) {
  describeSource(`${name}, written by ${writer.name}`, async () => {
    const source = open()
    return {
      source,
      write: writer.write,
      [Symbol.asyncDispose]: async () => source[Symbol.dispose]?.(),
    }
  })
}
