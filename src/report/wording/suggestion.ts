import type { Suggestion } from '../../verify/result.ts'
import { visible } from '../sanitize.ts'
import { evidenceAdvice } from './evidence.ts'
import { condition, spanName, tellApart, tick } from './phrases.ts'

/** What could be changed, as one or two sentences. */
export function suggestionSentence(suggestion: Suggestion): string {
  switch (suggestion.code) {
    case 'tell_apart':
      return `Add ${tellApart(suggestion.add)} at ${visible(suggestion.at)} if only such spans are meant.`
    case 'n_plus_one': {
      const place = suggestion.parent === null ? '' : ` under ${spanName(suggestion.parent)}`
      return `This looks like N+1: ${spanName(suggestion.span)} runs ${suggestion.count} times${place}. Fetch them in one call.`
    }
    case 'check_nearest':
      return `If ${spanName(suggestion.nearest.span)} is the span that is meant, change the spec at ${visible(suggestion.at)}: it ${condition(suggestion.nearest.failed)}. If not, the program does not make the call.`
    case 'add_span': {
      const place = suggestion.parent === null ? '' : ` below ${spanName(suggestion.parent)}`
      const often = suggestion.observed === 0 ? '' : ' more often'
      const loosened = suggestion.observed === 0 ? 'write `optional: true`' : 'lower its `count`'
      return `If ${tick(suggestion.label)} should happen${often}, let the program do it and record its span${place}. If it need not, ${loosened} at ${visible(suggestion.at)}.`
    }
    case 'look_at_error':
      return `Look at the error of ${spanName(suggestion.span)} first: what follows it may be its consequence.`
    case 'capture_again': {
      const advice = suggestion.reasons.map(evidenceAdvice).filter((text) => text !== null)
      return ['Capture it again.', ...new Set(advice)].slice(0, 3).join(' ')
    }
  }
}

/** Whether its words already stand in the sentence of a finding. */
export function isSaidByFinding(suggestion: Suggestion): boolean {
  switch (suggestion.code) {
    case 'tell_apart':
    case 'capture_again':
      return true
    case 'n_plus_one':
    case 'check_nearest':
    case 'add_span':
    case 'look_at_error':
      return false
  }
}
