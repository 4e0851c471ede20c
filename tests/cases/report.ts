import { evidenceOf } from '../../src/app/evidence.ts'
import { resultOf } from '../../src/report/json.ts'
import { renderText } from '../../src/report/text.ts'
import { capturedOf } from '../../src/verify/captured.ts'
import type { Observation } from '../../src/verify/observation.ts'
import type { SpecResult } from '../../src/verify/result.ts'

/** The report of `check trace.otlp.json --spec spec.yaml` for a person, 100 columns wide and without colour. */
export function reportOf({ traces, run }: Observation, result: SpecResult): string {
  const outcome = {
    version: '0.0.0',
    asked: {
      traces: ['trace.otlp.json'],
      specs: ['spec.yaml'],
      common_options: [],
      run_options: [],
    },
    run: null,
    captured: capturedOf(traces),
    evidence: evidenceOf(traces, run),
    specs: [result],
    not_exercised: [],
    command_failed: null,
    diagnosis: null,
    error: null,
    interrupted: false,
  }
  return renderText(resultOf(outcome), { width: 100, color: false, unicode: true, traces })
}
