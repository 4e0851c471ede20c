// The last word of `npm test`: what it did not run, since that needs more than `npm ci`.
console.log(
  'Left out: real servers of Jaeger, Zipkin, ClickHouse and PostgreSQL (npm run test:backends), the packed tarball (npm run test:package), MCP hosts (npm run test:mcp).',
)
