/** What a call may do to the world. */
export type Effect = 'reads' | 'writes_specs' | 'writes_sessions' | 'runs_commands'

export interface Annotations {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

/** All four, since the defaults of the protocol are the worst case. */
export function annotationsOf(effect: Effect): Annotations {
  switch (effect) {
    case 'reads':
      return annotations(true, { destructive: false, idempotent: true, openWorld: false })
    case 'writes_specs':
      return annotations(false, { destructive: true, idempotent: true, openWorld: false })
    case 'writes_sessions':
      return annotations(false, { destructive: false, idempotent: false, openWorld: false })
    case 'runs_commands':
      return annotations(false, { destructive: true, idempotent: false, openWorld: true })
  }
}

function annotations(
  readOnlyHint: boolean,
  hints: {
    readonly destructive: boolean
    readonly idempotent: boolean
    readonly openWorld: boolean
  },
): Annotations {
  return {
    readOnlyHint,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  }
}
