import { writeFileSync } from 'node:fs'
import { listingText } from '../src/mcp/listing.ts'
import { analysisTools, coreTools } from '../src/mcp/tools.ts'
import { toolsetsOf } from '../src/mcp/toolsets.ts'

const toolsOf = { core: coreTools, analysis: analysisTools }

for (const { name, listing } of toolsetsOf('all')) {
  const tools = await Promise.all(Object.values(toolsOf[name]).map((load) => load()))
  writeFileSync(new URL(`../schema/${listing}`, import.meta.url), listingText(tools))
}
