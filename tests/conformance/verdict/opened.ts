/** Arrays and maps are texts there, and scopes have no attributes. */
export const openByOldJaeger: readonly string[] = [
  'the spec (pass)',
  'checkout: required_tags.list (pass)',
  'checkout: required_tags.nested (pass)',
  'checkout: required_tags.scope.note (pass)',
  'checkout: required_tags.never.there (pass)',
]

/** All values are texts in Zipkin, and those of resources and spans are not told apart. */
export const openByZipkin: readonly string[] = [
  'the spec (pass)',
  'checkout: required_tags.http.response.status_code (pass)',
  'checkout: required_tags.big.int (pass)',
  'checkout: required_tags.ratio (pass)',
  'checkout: required_tags.list (pass)',
  'checkout: required_tags.nested (pass)',
  'checkout: required_tags.raw (pass)',
  'checkout: required_tags.empty.string (pass)',
  'checkout: required_tags.scope.note (pass)',
  'checkout: required_tags.resource.service.version (pass)',
  'checkout: required_tags.never.there (pass)',
]

/** All values are texts in ClickHouse, and scopes have no attributes. */
export const openByClickHouse: readonly string[] = [
  'the spec (pass)',
  'checkout: required_tags.http.response.status_code (pass)',
  'checkout: required_tags.big.int (pass)',
  'checkout: required_tags.ratio (pass)',
  'checkout: required_tags.list (pass)',
  'checkout: required_tags.nested (pass)',
  'checkout: required_tags.raw (pass)',
  'checkout: required_tags.empty.string (pass)',
  'checkout: required_tags.scope.note (pass)',
  'checkout: required_tags.never.there (pass)',
]
