/** Where a backend answers, and how it is spoken to. */
export interface Endpoint {
  /** The base of all requests; a path in it is kept. */
  readonly url: URL
  /** With credentials and tenant; sent to this host alone, never shown. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsFiles | undefined
  /** For one request with all of its retries. */
  readonly timeoutMs: number
  /** The most bytes of one answer after decompression. */
  readonly maxBytes: number
}

/** PEM texts. */
export interface TlsFiles {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}
