import type { Call } from './call.ts'

const MAX_VALUES = 100

/** What a name or an id that was begun could become; nothing for other arguments. */
export async function complete(
  argument: { readonly name: string; readonly value: string },
  call: Call,
): Promise<{ readonly values: string[]; readonly total: number; readonly hasMore: boolean }> {
  const known = await knownOf(argument.name, call)
  const values = known.filter((text) => text.startsWith(argument.value))
  return {
    values: values.slice(0, MAX_VALUES),
    total: values.length,
    hasMore: values.length > MAX_VALUES,
  }
}

async function knownOf(name: string, call: Call): Promise<readonly string[]> {
  switch (name) {
    case 'spec':
    case 'name':
      return specNames(call)
    case 'trace_id': {
      await using wire = await call.open()
      const store = await wire.existingStore()
      const found = await store?.search({ limit: MAX_VALUES })
      return (found?.items ?? []).map(({ traceId }) => traceId)
    }
    case 'run_id': {
      await using wire = await call.open()
      const store = await wire.existingStore()
      return ((await store?.runs(MAX_VALUES)) ?? []).map(({ id }) => id)
    }
    case 'session_id': {
      await using wire = await call.open()
      const store = await wire.existingStore()
      return ((await store?.sessions(MAX_VALUES)) ?? []).map(({ id }) => id)
    }
    case 'tool': {
      const { allTools } = await import('./tools.ts')
      return Object.keys(allTools)
    }
    default:
      return []
  }
}

async function specNames(call: Call): Promise<readonly string[]> {
  const { findSpecs } = await import('../app/spec-files.ts')
  await using wire = await call.open()
  return findSpecs(wire.specFolder, []).map(({ spec, source }) => spec?.name ?? source.path)
}
