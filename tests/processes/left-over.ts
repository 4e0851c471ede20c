import { processTable } from '../../src/runner/process-table.ts'

/** Processes of this machine that still carry a run's variable. */
export async function leftOver(runId: string): Promise<string[]> {
  const table = processTable(process.platform)
  const { rows } = await table.rows(new Set())
  return rows
    .filter((row) => !row.ended && table.carries(row.pid, `TRACESPEC_RUN_ID=${runId}`) === true)
    .map((row) => row.command)
}
