/** A stretch of the time axis, 0 to 1. */
export interface Bar {
  readonly from: number
  readonly to: number
  readonly style: 'span' | 'extra' | 'ghost'
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

const FILL: Readonly<Record<Bar['style'], readonly [unicode: string, ascii: string]>> = {
  span: ['█', '#'],
  extra: ['▒', '%'],
  ghost: ['┄', '~'],
}

/** The bar in exactly `width` columns; what lasted at all shows, however short. */
export function drawBar(bar: Bar, width: number, unicode: boolean): string {
  const start = Math.min(width - 1, Math.floor(bar.from * width))
  const eighths = Math.max(1, Math.round((bar.to - bar.from) * width * 8))
  const room = width - start
  const [fine, coarse] = FILL[bar.style]
  if (unicode && bar.style === 'span') {
    const full = Math.min(room, Math.floor(eighths / 8))
    const part = full < room ? (EIGHTHS[eighths % 8] ?? '') : ''
    return (' '.repeat(start) + fine.repeat(full) + part).padEnd(width)
  }
  const cells = Math.min(room, Math.max(1, Math.round(eighths / 8)))
  return (' '.repeat(start) + (unicode ? fine : coarse).repeat(cells)).padEnd(width)
}
