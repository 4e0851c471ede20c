import type { ChosenSpec } from '../app/spec-files.ts'
import type { Wire } from '../wire.ts'

/** The specs that `--spec` names, else all of the project. */
export async function openSpecs(
  wire: Wire,
  texts: readonly string[],
): Promise<readonly ChosenSpec[]> {
  const { chooseSpecs } = await import('../app/spec-files.ts')
  return chooseSpecs(
    wire.specFolder,
    texts.map((text) => ({ text, file: wire.specAt(text) })),
  )
}
