import { embeddedStore, writeToStore } from '../verdict/local-ways.ts'
import { describeSource } from './suite.ts'

describeSource('the embedded store', () => embeddedStore(writeToStore))
