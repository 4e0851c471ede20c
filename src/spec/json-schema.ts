/** As much of JSON Schema (draft 07, which editors know best) as the spec language needs. */
export type JsonSchema = { readonly [keyword: string]: JsonValue }

export type JsonValue =
  | string
  | number
  | boolean
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }
