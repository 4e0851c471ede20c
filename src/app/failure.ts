import type { Fault } from '../trace/fault.ts'
import { capturedOf } from '../verify/captured.ts'
import type { Asked, Outcome } from '../verify/outcome.ts'

/** The outcome of a command that the world kept from its work. */
export function failureOf(fault: Fault, version: string, asked: Asked): Outcome {
  return {
    version,
    asked,
    run: null,
    captured: capturedOf([]),
    evidence: { complete: false, reasons: [] },
    specs: [],
    not_exercised: [],
    command_failed: null,
    diagnosis: null,
    error: { code: fault.code, message: fault.message, hint: fault.hint ?? null },
    interrupted: false,
  }
}
