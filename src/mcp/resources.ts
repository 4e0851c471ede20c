import { Fault } from '../trace/fault.ts'
import type { Call } from './call.ts'

export interface ResourceText {
  readonly uri: string
  readonly mimeType: string
  readonly text: string
}

export interface ListedResource {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly mimeType: string
}

export interface ListedTemplate extends Omit<ListedResource, 'uri'> {
  readonly uriTemplate: string
}

const markdown = 'text/markdown'
const json = 'application/json'

const pages: readonly ListedResource[] = [
  page('language', 'The spec language on one page'),
  page('codes', 'What each code of a finding means'),
]

function page(name: string, title: string): ListedResource {
  return { uri: `tracespec://${name}`, name, title, mimeType: markdown }
}

export const resourceTemplates: readonly ListedTemplate[] = [
  template('spec', '{name}', { title: 'A spec as it is written', mimeType: 'application/yaml' }),
  template('trace', '{trace_id}', { title: 'A trace as OTLP JSON', mimeType: json }),
  template('run', '{run_id}', { title: 'The whole result of a run', mimeType: json }),
  template('session', '{session_id}', { title: 'How a session goes', mimeType: json }),
  template('answer', '{tool}', { title: 'The JSON Schema of what a tool answers', mimeType: json }),
]

function template(
  name: string,
  variable: string,
  rest: Pick<ListedTemplate, 'title' | 'mimeType'>,
): ListedTemplate {
  return { uriTemplate: `tracespec://${name}/${variable}`, name, ...rest }
}

const MAX_LISTED = 100

/** The pages and the specs; traces and runs are found by their tools. */
export async function listResources(call: Call): Promise<readonly ListedResource[]> {
  const { findSpecs } = await import('../app/spec-files.ts')
  const { visible } = await import('../report/sanitize.ts')
  await using wire = await call.open()
  const specs = findSpecs(wire.specFolder, []).slice(0, MAX_LISTED)
  return [
    ...pages,
    ...specs.map(({ source, spec }) => ({
      uri: `tracespec://spec/${encodeURIComponent(spec?.name ?? source.path)}`,
      name: visible(spec?.name ?? source.path),
      title: visible(source.path),
      mimeType: 'application/yaml',
    })),
  ]
}

/** A resource by its address; undefined when there is none. */
export async function readResource(uri: string, call: Call): Promise<ResourceText | undefined> {
  const [, kind, rest] = /^tracespec:\/\/(\w+)(?:\/(.+))?$/.exec(uri) ?? []
  if (kind === undefined) return undefined
  try {
    const found = await contentsOf(kind, rest === undefined ? undefined : decoded(rest), call)
    return found === undefined ? undefined : { uri, ...found }
  } catch (error) {
    if (error instanceof Fault && missing.has(error.code)) return undefined
    throw error
  }
}

const missing: ReadonlySet<Fault['code']> = new Set([
  'SPEC_NOT_FOUND',
  'TRACE_NOT_FOUND',
  'SESSION_NOT_FOUND',
])

function decoded(text: string): string | undefined {
  return /%(?![0-9a-f]{2})/i.test(text) ? undefined : decodeUtf8(text)
}

/** Percent-encoding may hide bytes that are no text. */
function decodeUtf8(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

type Contents = Omit<ResourceText, 'uri'>

async function contentsOf(
  kind: string,
  name: string | undefined,
  call: Call,
): Promise<Contents | undefined> {
  if (kind === 'language' && name === undefined) return languagePage()
  if (kind === 'codes' && name === undefined) return codesPage()
  if (name === undefined || /\p{Cc}/u.test(name) || name.length > 200) return undefined
  if (kind === 'spec') return specText(name, call)
  if (kind === 'trace') return rawTrace(name, call)
  if (kind === 'run') return runResult(name, call)
  if (kind === 'session') return sessionProgress(name, call)
  return kind === 'answer' ? answerSchema(name) : undefined
}

async function languagePage(): Promise<Contents> {
  const { specLanguage } = await import('./spec-language.ts')
  return { mimeType: markdown, text: specLanguage }
}

async function codesPage(): Promise<Contents> {
  const { findingCodes } = await import('../report/wording/finding-code.ts')
  const lines = Object.entries(findingCodes).map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
  return { mimeType: markdown, text: `# Codes of findings\n\n${lines.join('\n')}\n` }
}

async function specText(name: string, call: Call): Promise<Contents | undefined> {
  const { findSpecs } = await import('../app/spec-files.ts')
  await using wire = await call.open()
  const [found] = findSpecs(wire.specFolder, [{ text: name, file: undefined }])
  if (found === undefined || !('text' in found.source.read)) return undefined
  return { mimeType: 'application/yaml', text: found.source.read.text }
}

async function rawTrace(id: string, call: Call): Promise<Contents> {
  const { openTrace } = await import('./open-trace.ts')
  await using wire = await call.open()
  const { trace } = await openTrace(wire, id)
  return { mimeType: json, text: await wire.traceJson(trace.spans) }
}

async function runResult(id: string, call: Call): Promise<Contents | undefined> {
  await using wire = await call.open()
  const store = await wire.existingStore()
  const run = await store?.run(id)
  const text = run?.resultJson
  return text === undefined ? undefined : { mimeType: json, text }
}

async function sessionProgress(id: string, call: Call): Promise<Contents | undefined> {
  const { getSessionProgress } = await import('./get-session-progress.ts')
  const { harmless } = await import('./harmless.ts')
  const { structured, isError } = await getSessionProgress.handle({ session_id: id }, call)
  if (isError === true) return undefined
  return { mimeType: json, text: `${JSON.stringify(harmless(structured), null, 2)}\n` }
}

async function answerSchema(name: string): Promise<Contents | undefined> {
  const { allTools } = await import('./tools.ts')
  const { z } = await import('zod')
  const tool = Object.hasOwn(allTools, name) ? await allTools[name]?.() : undefined
  if (tool === undefined) return undefined
  const schema = z.toJSONSchema(tool.output, { io: 'input' })
  return { mimeType: json, text: `${JSON.stringify(schema, null, 2)}\n` }
}
