import type { Io } from './io.ts'

/** One document of plain facts on standard output; only a `text` is given exactly, all else as one inert line. */
export async function writeJson(document: object, io: Io): Promise<void> {
  const { visible } = await import('../report/sanitize.ts')
  const clean = (key: string, value: unknown): unknown =>
    typeof value === 'string' && key !== 'text' ? visible(value) : value
  await io.out.write(`${JSON.stringify(document, clean, 2)}\n`)
}
