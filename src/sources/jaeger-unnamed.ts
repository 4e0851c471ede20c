import type { Resource, Span } from '../trace/span.ts'

/** What stands for the name of a service that has none, in what is written. */
export const noServiceName = 'OTLPResourceNoServiceName'

// the translation from OTLP writes the first, the collector's sanitizer the second
const standIns: ReadonlySet<string> = new Set([noServiceName, 'missing-service-name'])

/** Whether a service's name was made up for one that has none. */
export function isStandIn(name: unknown): boolean {
  return typeof name === 'string' && standIns.has(name)
}

/** The spans without made up names of services; spans of one resource keep one. */
export function withoutStandIns(spans: readonly Span[]): readonly Span[] {
  const named = new Map<Resource, Resource>()
  return spans.map((span) => {
    const { resource } = span
    if (!isStandIn(resource.attributes.get('service.name'))) return span
    const known = named.get(resource) ?? withoutService(resource)
    named.set(resource, known)
    return { ...span, resource: known }
  })
}

function withoutService(resource: Resource): Resource {
  const attributes = new Map(resource.attributes)
  attributes.delete('service.name')
  return { ...resource, attributes }
}
