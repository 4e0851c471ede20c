import {
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type StatusObject,
} from '@grpc/grpc-js'

/** A gRPC server on loopback whose methods answer as they are told, and which remembers what it was asked. */
export interface GrpcBackend extends AsyncDisposable {
  readonly url: URL
  readonly asked: readonly GrpcAsked[]
}

export interface GrpcAsked {
  readonly method: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly request: Buffer
}

/** The messages and the status of an answer; it never ends without a status. */
export interface GrpcReply {
  readonly messages?: readonly Uint8Array[]
  readonly status?: Partial<StatusObject> | 'none'
}

type Stream = ServerWritableStream<Buffer, Uint8Array>

export async function grpcBackend(
  methods: Readonly<Record<string, (attempt: number) => GrpcReply>>,
  credentials: ServerCredentials = ServerCredentials.createInsecure(),
): Promise<GrpcBackend> {
  const asked: GrpcAsked[] = []
  const server = new Server()
  for (const [path, reply] of Object.entries(methods)) {
    server.addService(
      { call: definition(path) },
      {
        call: (stream: Stream) => {
          asked.push({ method: path, headers: stream.metadata.getMap(), request: stream.request })
          answer(stream, reply(asked.filter(({ method }) => method === path).length))
        },
      },
    )
  }
  const port = await bound(server, credentials)
  const isSecure = credentials._isSecure()
  return {
    url: new URL(`${isSecure ? 'grpcs' : 'grpc'}://127.0.0.1:${port}`),
    asked,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  }
}

function definition(path: string): MethodDefinition<Buffer, Uint8Array> {
  const write = (message: Uint8Array): Buffer => Buffer.from(message)
  const read = (message: Buffer): Buffer => message
  return {
    path,
    requestStream: false,
    responseStream: true,
    requestSerialize: write,
    requestDeserialize: read,
    responseSerialize: write,
    responseDeserialize: read,
  }
}

function answer(stream: Stream, { messages = [], status }: GrpcReply): void {
  for (const message of messages) stream.write(message)
  if (status === 'none') return
  if (status === undefined) stream.end()
  else stream.emit('error', { details: '', metadata: new Metadata(), ...status })
}

function bound(server: Server, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
      if (error === null) resolve(port)
      else reject(error)
    })
  })
}
