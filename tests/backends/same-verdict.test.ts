import { describeSameVerdict } from '../conformance/verdict/suite.ts'
import { ways } from './ways.ts'

for (const way of ways) describeSameVerdict(way)
