import { describeStore } from '../store/suite/store.ts'
import { temporaryPostgres } from './postgres-store.ts'

describeStore((limits) => temporaryPostgres(limits))
