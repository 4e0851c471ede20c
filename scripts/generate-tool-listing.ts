import { writeFileSync } from 'node:fs'
import { listingText } from '../src/mcp/listing.ts'
import { coreTools } from '../src/mcp/tools.ts'

const tools = await Promise.all(Object.values(coreTools).map((load) => load()))
writeFileSync(new URL('../schema/mcp-tools.json', import.meta.url), listingText(tools))
