import type { Captured } from '../verify/captured.ts'
import type { Bounded } from '../verify/result.ts'
import { labelled } from './layout.ts'
import { inert } from './sanitize.ts'
import type { Terminal } from './terminal.ts'
import { plural, spanName } from './wording/phrases.ts'

/** What was captured, without a verdict: services and root operations, each list counted. */
export function renderCapture(captured: Captured, terminal: Terminal): string {
  return `${captureLines(captured, terminal).join('\n')}\n`
}

export function captureLines(captured: Captured, terminal: Terminal): readonly string[] {
  const { spans, traces, services, roots } = captured
  const named = services.items.map(
    (service) =>
      `${service.name === '' ? '(no service.name)' : inert(service.name, 40)} ×${service.spans}`,
  )
  const opened = roots.items.map((root) => {
    const name = spanName({ trace_id: '', span_id: '', name: root.name, service: root.service })
    return root.count === 1 ? name : `${name} ×${root.count}`
  })
  return [
    ...labelled(
      {
        mark: 'note',
        label: 'captured',
        text: [`${plural(spans, 'span')} in ${plural(traces, 'trace')}`],
      },
      terminal,
    ),
    ...labelled(
      { mark: 'note', label: 'services', text: [named.join(', '), rest(services)] },
      terminal,
    ),
    ...labelled({ mark: 'note', label: 'roots', text: [...opened, rest(roots)] }, terminal),
  ]
}

function rest({ shown, total, omitted, how }: Bounded<unknown>): string {
  return omitted === 0 ? '' : `${shown} of ${total} are shown; ${how ?? ''}`
}
