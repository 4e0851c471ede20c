import { inert } from '../sanitize.ts'
import { tick } from './phrases.ts'

/** What a next step is for. */
export type NextStepReason =
  | {
      readonly code: 'see_in_trace'
      readonly subject: string
      /** What `subject` is to `label`, when it is not the thing itself. */
      readonly role: 'span' | 'nearest' | 'parent' | 'case'
      readonly label: string
    }
  | { readonly code: 'see_delivered'; readonly source: string }
  | { readonly code: 'run_again' }
  | { readonly code: 'check_again' }
  | { readonly code: 'check_files_again' }
  | { readonly code: 'why_not_exercised'; readonly spec: string }
  | { readonly code: 'write_first_spec' }
  | { readonly code: 'validate_spec' }
  | { readonly code: 'list_specs' }
  | { readonly code: 'list_traces' }
  | { readonly code: 'list_sessions' }

/** Why a command is worth running; a phrase that the command follows. */
export function nextStepWhy(reason: NextStepReason): string {
  switch (reason.code) {
    case 'see_in_trace':
      return seeWhy(reason)
    case 'see_delivered':
      return `See what ${inert(reason.source, 80)} has of the trace`
    case 'run_again':
      return 'After a change of the program, run it again'
    case 'check_again':
      return 'After a change of the spec, check the same capture again'
    case 'check_files_again':
      return 'After a change, check again'
    case 'why_not_exercised':
      return `See what kept ${tick(reason.spec)} from applying`
    case 'write_first_spec':
      return 'Write a first spec from what was captured'
    case 'validate_spec':
      return 'After a change of the spec, validate it'
    case 'list_specs':
      return 'See which specs there are'
    case 'list_traces':
      return 'See which traces there are'
    case 'list_sessions':
      return 'See which sessions there are'
  }
}

function seeWhy({
  subject,
  role,
  label,
}: Extract<NextStepReason, { code: 'see_in_trace' }>): string {
  switch (role) {
    case 'span':
      return `See ${tick(subject)} in its trace`
    case 'case':
      return `See the trace that ${tick(label)} was judged in`
    case 'nearest':
      return `See ${tick(subject)}, which comes nearest to ${tick(label)}, in its trace`
    case 'parent':
      return `See ${tick(subject)}, where ${tick(label)} is missing, in its trace`
  }
}
