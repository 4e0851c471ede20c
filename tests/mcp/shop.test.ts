import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyPatch } from '../../src/app/patch.ts'
import { copyShop, fixture, place } from '../cli/tracespec.ts'
import { verifies } from '../verifies.ts'
import { connect, eras, type Host } from './host.ts'

const specification = readFileSync(fixture('fixtures/apps/shop/specs/checkout.trace.yaml'), 'utf8')
const patch = readFileSync(fixture('fixtures/apps/shop/fix.patch'), 'utf8')

interface Judged {
  readonly status: string
  readonly findings: { readonly items: readonly Told[] }
}

interface Told {
  readonly code: string
  readonly status: string
  readonly at: string
  readonly message: string
  readonly span?: { readonly name: string; readonly span_id: string }
}

interface Step {
  readonly tool: string
  readonly arguments: Record<string, unknown>
}

test.for(eras)('an agent of %s defines, runs, reads, repairs and is green', async (era) => {
  verifies('P-01', 'P-07', 'P-15')
  using project = place()
  copyShop(project)
  await using host = await connect(project, era)

  const defined = await host.call('define_trace_spec', {
    name: 'shop_checkout',
    specification: specification.replace('name: checkout', 'name: shop_checkout'),
  })
  expect(defined.structured).toMatchObject({ written: true, expectations: 8 })

  const run = { command: 'node', args: ['drive.mjs'], spec: 'shop_checkout' }
  const red = await host.call('execute_and_capture', run)
  expect(red.isError).toBe(false)
  expect(red.structured).toMatchObject({ status: 'fail', captured: { spans: 11, traces: 1 } })
  const [judged] = (red.structured['specs'] as { items: Judged[] }).items
  const failed = judged?.findings.items.filter((finding) => finding.status === 'fail') ?? []
  expect(failed.map(({ code, at, message }) => ({ code, at, message }))).toMatchInlineSnapshot(`
    [
      {
        "at": "specs/shop-checkout.trace.yaml:13:13",
        "code": "span_excess",
        "message": "\`SELECT products\` occurs 5 times under \`cart.price\` (shop), allowed is at most 1.",
      },
      {
        "at": "specs/shop-checkout.trace.yaml:15:9",
        "code": "span_missing",
        "message": "\`POST /authorize\` is missing under \`POST /checkout\` (shop). The required span below it goes missing with it. Nearest is \`POST /charge\` (payment) under \`POST\` (shop): it is named "POST /charge", expected is "POST /authorize".",
      },
    ]
  `)

  await followed(host, red.structured['next_steps'] as Step[], failed)

  const file = join(project.folder, 'checkout.mjs')
  project.write('checkout.mjs', applyPatch(readFileSync(file, 'utf8'), patch))
  const again = (red.structured['next_steps'] as Step[]).find(
    (step) => step.tool === 'execute_and_capture',
  )
  const green = await host.call('execute_and_capture', again?.arguments)
  expect(green.structured).toMatchObject({
    status: 'pass',
    passed: { items: ['shop_checkout'] },
    next_steps: [],
  })
})

/** Every proposed call can be made as it stands, and the first shows the span of a finding. */
async function followed(
  host: Host,
  steps: readonly Step[],
  failed: readonly Told[],
): Promise<void> {
  expect(steps.map((step) => step.tool)).toEqual([
    'get_trace_by_id',
    'execute_and_capture',
    'compare_trace_to_spec',
  ])
  const [look, , compare] = steps
  const seen = await host.call('get_trace_by_id', look?.arguments)
  expect(seen.isError).toBe(false)
  expect(JSON.stringify(seen.structured['spans'])).toContain(String(look?.arguments['span_id']))
  const compared = await host.call('compare_trace_to_spec', compare?.arguments)
  const { findings } = compared.structured as unknown as Judged
  expect(findings.items.filter((finding) => finding.status === 'fail')).toEqual(failed)
}
