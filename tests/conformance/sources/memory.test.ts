import { memorySource } from './memory.ts'
import { describeSource } from './suite.ts'

describeSource('memory', async () => memorySource())
