import { Option, type Command } from 'commander'
import { forwardTarget } from './forward.ts'

const protocols = ['http/protobuf', 'http/json', 'grpc'] as const

/** Options that say how spans travel, and where else to. */
export interface PipelineOptions {
  readonly forward?: string
  readonly thenFrom?: string
  readonly protocol?: (typeof protocols)[number]
}

/** What the options ask for. */
export interface Pipeline {
  readonly forward: URL | undefined
  /** The backend that is asked for the run's spans afterwards. */
  readonly thenFrom: string | undefined
  readonly protocol: (typeof protocols)[number] | undefined
}

export function withPipelineOptions(command: Command): Command {
  return command
    .option('--forward <jaeger|url>', 'pass everything on to another receiver as well')
    .option(
      '--then-from <name|url>',
      'ask this backend for the spans of the run: what is lost, changed or late there',
    )
    .addOption(
      new Option(
        '--protocol <name>',
        'what exporters are asked to speak (default: http/protobuf)',
      ).choices(protocols),
    )
}

/** A Fault USAGE for a target that is none. */
export function pipelineOf({ forward, thenFrom, protocol }: PipelineOptions): Pipeline {
  return { forward: forwardTarget(forward), thenFrom, protocol }
}

/** The options as they were written, for a command that runs the same again. */
export function pipelineAsked({ forward, thenFrom, protocol }: PipelineOptions): readonly string[] {
  return [
    ...(forward === undefined ? [] : ['--forward', forward]),
    ...(thenFrom === undefined ? [] : ['--then-from', thenFrom]),
    ...(protocol === undefined ? [] : ['--protocol', protocol]),
  ]
}
