import { randomBytes } from 'node:crypto'
import type { Nanos } from '../trace/time.ts'

const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** Ids sort by the time of their run: nine digits of milliseconds, then chance. */
export function runIdAt(at: Nanos): string {
  const chance = randomBytes(3)
  const tail = chance.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) & 0xfffffn
  return `r-${base32(at / 1_000_000n, 9)}${base32(tail, 4)}`
}

function base32(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest /= 32n) {
    text = `${digits[Number(rest % 32n)] ?? ''}${text}`
  }
  return text
}
