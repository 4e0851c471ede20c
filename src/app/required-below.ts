import type { SpanExpectation, Spec } from '../spec/spec.ts'

/** The labels of what is required below an expectation, which goes missing with it, in the order of the spec. */
export function requiredBelow(spec: Spec, id: string): readonly string[] {
  const found = allOf(spec.expected).find((expectation) => expectation.id === id)
  return found === undefined ? [] : requiredOf(found.children)
}

function allOf(expectations: readonly SpanExpectation[]): readonly SpanExpectation[] {
  return expectations.flatMap((one) => [one, ...allOf(one.children)])
}

function requiredOf(expectations: readonly SpanExpectation[]): readonly string[] {
  return expectations
    .filter(({ count }) => count.min > 0)
    .flatMap(({ label, children }) => [label, ...requiredOf(children)])
}
