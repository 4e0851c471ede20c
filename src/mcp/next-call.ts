/** A call that can be made as it stands; its arguments hold ids, names of specs and the user's own command only. */
export interface NextCall {
  readonly why: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export function nextCall(why: string, tool: string, args: NextCall['arguments']): NextCall {
  return { why, tool, arguments: args }
}
