import { z } from 'zod'
import type { ResourceWatch, WatchOptions } from './resource-watch.ts'

/** What the clients of one connection, or of one door, want to hear of. */
export interface Subscriptions {
  /** A Fault when there are too many. */
  readonly add: (key: string | number | symbol, uris: readonly string[]) => Promise<void>
  readonly remove: (key: string | number | symbol) => void
  readonly end: () => void
}

/** Nothing is loaded before something is followed. */
export function openSubscriptions(options: WatchOptions): Subscriptions {
  let watch: Promise<ResourceWatch> | undefined
  const load = async (): Promise<ResourceWatch> =>
    (await import('./resource-watch.ts')).openResourceWatch(options)
  const held = new Map<string | number | symbol, Disposable[]>()
  const remove: Subscriptions['remove'] = (key) => {
    for (const one of held.get(key) ?? []) one[Symbol.dispose]()
    held.delete(key)
  }
  return {
    add: async (key, uris) => {
      remove(key)
      const changing = uris.filter(isChanging)
      if (changing.length === 0) return
      const followed: Disposable[] = []
      held.set(key, followed)
      const { follow } = await (watch ??= load())
      if (held.get(key) !== followed) return
      for (const uri of changing) followed.push(follow(uri))
    },
    remove,
    end: () => {
      for (const key of held.keys()) remove(key)
    },
  }
}

/** Whether there can be changes of it to tell: pages stay as they are, and a trace is told of by its run. */
function isChanging(uri: string): boolean {
  return /^tracespec:\/\/(?:spec|run|session)\/./.test(uri)
}

const listen = z.object({
  id: z.union([z.string(), z.number()]),
  method: z.literal('subscriptions/listen'),
  params: z.object({
    notifications: z.object({ resourceSubscriptions: z.array(z.string()).default([]) }),
  }),
})

const cancelled = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
})

/** The resources that a message of the modern era asks to hear of. */
export function listenedTo(message: unknown): readonly string[] {
  return listen.safeParse(message).data?.params.notifications.resourceSubscriptions ?? []
}

/** Follows what the messages of a connection ask for: the SDK answers them itself, and asks for changes of everything. */
export async function hear(message: unknown, subscriptions: Subscriptions): Promise<void> {
  const asked = listen.safeParse(message).data
  if (asked !== undefined) await subscriptions.add(asked.id, listenedTo(message))
  const ended = cancelled.safeParse(message).data
  if (ended !== undefined) subscriptions.remove(ended.params.requestId)
}
