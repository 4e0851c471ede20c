import type { Command } from 'commander'
import { defineAnalyze } from './analyze.ts'
import { defineCheck } from './check.ts'
import { defineDemo } from './demo.ts'
import { defineExport } from './export.ts'
import { defineImport } from './import.ts'
import { defineInit } from './init.ts'
import type { Invocation } from './invocation.ts'
import { defineMcp } from './mcp.ts'
import { defineRun } from './run.ts'
import { defineServe } from './serve.ts'
import { defineSession } from './session.ts'
import { defineShow } from './show.ts'
import { defineSpec } from './spec.ts'
import { defineTraces } from './traces.ts'
import { defineTrust } from './trust.ts'

/** Every command, in the order in which help lists them. */
export function defineCommands(
  program: Command,
  invocation: Invocation,
  command: readonly string[] | undefined,
): void {
  defineDemo(program, invocation)
  defineInit(program, invocation)
  defineRun(program, invocation, command)
  defineCheck(program, invocation)
  defineShow(program, invocation)
  defineAnalyze(program, invocation)
  defineTraces(program, invocation)
  defineSpec(program, invocation)
  defineSession(program, invocation)
  defineServe(program, invocation)
  defineImport(program, invocation)
  defineExport(program, invocation)
  defineTrust(program, invocation)
  defineMcp(program, invocation)
}
