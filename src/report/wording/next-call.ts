import { some } from './phrases.ts'

/** Why a call of a tool leads on; without a word out of a span, for agents act on it. */
export type NextCallReason =
  | 'see_span'
  | 'see_nearest'
  | 'see_parent'
  | 'see_trace'
  | 'see_newest'
  | 'see_attributes'
  | 'run_again'
  | 'compare_again'
  | 'why_not_exercised'
  | 'list_traces'
  | 'compare_last'
  | 'see_spec'
  | 'first_run'
  | 'what_next'
  | 'take_up'
  | 'see_output'
  | 'analyse'
  | 'all_traces'
  | 'capture_first'
  | 'see_worst'

export function nextCallWhy(reason: NextCallReason): string {
  switch (reason) {
    case 'see_span':
      return 'See the span of the first finding in its trace'
    case 'see_nearest':
      return 'See the span that comes nearest to what is missing, in its trace'
    case 'see_parent':
      return 'See the span below which something is missing'
    case 'see_trace':
      return 'See the trace that was judged'
    case 'see_newest':
      return 'See the newest of them'
    case 'see_attributes':
      return 'See the attributes of the span and of those below it'
    case 'run_again':
      return 'After a change of the program, run it again'
    case 'compare_again':
      return 'After a change of the spec, judge the same capture again'
    case 'why_not_exercised':
      return 'See what kept the spec from applying'
    case 'list_traces':
      return 'See what was captured'
    case 'compare_last':
      return 'Judge the last capture by this spec'
    case 'see_spec':
      return 'Read the spec as it is now'
    case 'first_run':
      return 'Run the program in the session: put your command here'
    case 'what_next':
      return 'See what to do next, root causes first'
    case 'see_worst':
      return 'See everything that is wrong in the worst of them'
    case 'see_output':
      return 'See what the command itself wrote, and why no span came if none did'
    case 'analyse':
      return 'See why it is slow or failed, without a spec'
    case 'all_traces':
      return 'See what was captured at all'
    case 'capture_first':
      return 'Nothing was captured yet: run the program, with your command here'
    case 'take_up':
      return 'Take the run up again: when it has ended, this answers its verdict'
  }
}

/** Why a run is made again by a call that lacks some of its environment. */
export function runAgainWithout(variables: readonly string[]): string {
  return `${nextCallWhy('run_again')}; add env ${some(variables.slice(0, 5), variables.length)}, not repeated here`
}
