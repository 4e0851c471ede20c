/** Says which promised capabilities the calling test proves; `requirements.test.ts` reads these calls from the source text. */
export function verifies(
  ...ids: readonly `${'P' | 'T' | 'D' | 'L' | 'O' | 'X'}-${number}`[]
): void {
  if (ids.length === 0) throw new Error('a test that verifies nothing')
}
