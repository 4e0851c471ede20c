import { describeSource } from '../conformance/sources/suite.ts'
import { postgres } from './ways.ts'

describeSource('a shared store in PostgreSQL', postgres)
