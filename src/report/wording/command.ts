import {
  isFailedDrive,
  type DriveFacts,
  type ServerFacts,
  type ServingEvent,
} from '../../trace/drive.ts'
import type { CommandFailed } from '../../verify/outcome.ts'
import { inert } from '../sanitize.ts'
import { duration, plural, tick } from './phrases.ts'

/** How the command, or what drove it, failed. */
export function commandSentence(failed: CommandFailed): string {
  switch (failed.code) {
    case 'command_failed':
      return `The command ${ended(failed)}, expected is exit code ${failed.expected}; its own output says why.`
    case 'ended_before_ready':
      return `The command ${ended(failed)} before it was ready; its own output says why.`
    case 'ended_before_driven':
      return `The command ${ended(failed)} when ${failed.begun} of ${plural(failed.asked, 'drive')} had been made.`
    case 'drive_failed':
      return `The drive ${driveSentence(failed.drive)}`
  }
}

/** What drove the command, and what came of it. */
function driveSentence(facts: DriveFacts): string {
  const took = `after ${duration(facts.duration_ms)}`
  const drive = tick(facts.drive)
  switch (facts.kind) {
    case 'command':
      return isFailedDrive(facts)
        ? `${drive} ${ended(facts)} ${took}, expected is exit code 0; its own output says why.`
        : `${drive} was done ${took}.`
    case 'request':
      return facts.status === null
        ? `${drive} got no answer: ${inert(facts.error ?? 'unknown', 120)}, ${took}.`
        : `${drive} was answered with HTTP ${facts.status} ${took}.`
  }
}

/** How a command that serves was made ready and driven, line by line. */
export function serverSentences({
  ready_ms: readyMs,
  drives,
  stopped,
}: ServerFacts): readonly string[] {
  const ready = readyMs === null ? 'never ready' : `ready after ${duration(readyMs)}`
  return [
    `${ready}, ${stopped ? 'stopped by tracespec' : 'ended by itself'}`,
    ...drives.map(driveSentence),
  ]
}

/** What is told while it happens. */
export function servingSentence(event: ServingEvent): string {
  switch (event.kind) {
    case 'ready':
      return `ready after ${duration(event.after_ms)}`
    case 'driven':
      return driveSentence(event.facts)
    case 'stopping':
      return event.quiet
        ? 'no span has come for the quiet period, stops the command'
        : 'spans did not cease to come, stops the command'
  }
}

function ended(end: { readonly exit_code: number | null; readonly signal: string | null }): string {
  return end.signal === null
    ? `exited with code ${end.exit_code ?? 'unknown'}`
    : `was ended by ${end.signal}`
}
