import { Fault } from '../trace/fault.ts'
import type { Json } from './json-text.ts'

/** What stands in JSON where an id should be and is none: bytes that no id has, so that the span is rejected. */
const noId: Uint8Array = Uint8Array.of(0)

/** How JSON is read: `strict` as OTLP says, `lenient` as files have it that other tools wrote. */
export type Reading = 'strict' | 'lenient'

/** JSON that does not fit its field. */
export function misfit(field: string, expected: string): Fault {
  return new Fault('TRACE_INVALID', `not OTLP JSON: ${field} is not ${expected}`)
}

/** A 64-bit integer from a number or its decimal text, within the bounds. */
export function integerOf(json: Json, field: string, bounds: readonly [bigint, bigint]): bigint {
  const value = wholeNumber(json)
  if (value === undefined || value < bounds[0] || value > bounds[1]) {
    throw misfit(field, `an integer from ${bounds[0]} to ${bounds[1]}`)
  }
  return value
}

function wholeNumber(json: Json): bigint | undefined {
  if (typeof json === 'bigint') return json
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : undefined
  return typeof json === 'string' && /^-?\d{1,20}$/.test(json) ? BigInt(json) : undefined
}

/** A double from a number or its text; `NaN` and the infinities are texts. */
export function doubleOf(json: Json, field: string): number {
  if (typeof json === 'number') return json
  if (typeof json === 'bigint') return Number(json)
  if (typeof json === 'string' && /^(NaN|-?Infinity|-?\d[\d.eE+-]*)$/.test(json)) {
    const value = Number(json)
    if (json === 'NaN' || !Number.isNaN(value)) return value
  }
  throw misfit(field, 'a number')
}

/** The bytes of an id: hex, and in files also base64, short hex (leading zeros dropped) and decimal numbers. */
export function idOf(json: Json, byteLength: number, reading: Reading): Uint8Array {
  if (typeof json === 'string' && isHex(json, byteLength * 2)) return bytesOfHex(json)
  if (json === '') return new Uint8Array(0)
  if (reading === 'strict') return noId
  const digits = byteLength * 2
  if (typeof json === 'number' || typeof json === 'bigint') return bytesOfNumber(json, digits)
  if (typeof json !== 'string') return noId
  if (json.length < digits && /^[0-9a-f]+$/i.test(json))
    return bytesOfHex(json.padStart(digits, '0'))
  if (/^\d{17,39}$/.test(json)) return bytesOfNumber(BigInt(json), digits)
  const bytes = base64Bytes(json)
  return bytes?.length === byteLength ? bytes : noId
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/i.test(text)
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16),
  )
}

function bytesOfNumber(value: number | bigint, digits: number): Uint8Array {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value))) return noId
  const hex = value.toString(16).padStart(digits, '0')
  return hex.length === digits ? bytesOfHex(hex) : noId
}

/** Bytes from base64, in either alphabet, padded or not; undefined when it is none. */
export function base64Bytes(text: string): Uint8Array | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.replaceAll('=', '').length % 4 === 1) {
    return undefined
  }
  return Uint8Array.from(atob(plain.replaceAll('=', '')), (char) => char.charCodeAt(0))
}

/** Bytes as base64 with padding. */
export function base64Text(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Bytes as lower-case hex. */
export function hexText(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}
