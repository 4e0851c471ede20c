/** Plain JSON that is complete by itself: hosts drop what stands beside it. */
export interface Answer {
  readonly structured: Readonly<Record<string, unknown>>
  readonly isError?: boolean
  readonly links?: readonly Link[]
}

/** A resource that is too large for an answer. */
export interface Link {
  readonly uri: string
  readonly name: string
  readonly mimeType: string
}
