import { describeStore } from './suite/store.ts'
import { temporaryStore } from './temporary.ts'

describeStore((limits) => Promise.resolve(temporaryStore(limits)))
