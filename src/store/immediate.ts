/** A port whose methods answer at once, as the embedded database does. */
export type Immediate<Port> = {
  readonly [Method in keyof Port]: Port[Method] extends (...asked: infer Asked) => infer Answer
    ? (...asked: Asked) => Awaited<Answer>
    : never
}

/** Does the work at once, and answers or fails as a promise. */
export async function immediately<T>(work: () => T): Promise<T> {
  return work()
}
