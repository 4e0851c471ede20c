import { z } from 'zod'
import { isChanging, openResourceWatch, type WatchOptions } from './resource-watch.ts'

/** What the clients of one connection, or of one door, want to hear of. */
export interface Subscriptions {
  /** A Fault when there are too many. */
  readonly add: (key: string | number | symbol, uris: readonly string[]) => void
  readonly remove: (key: string | number | symbol) => void
  readonly end: () => void
}

export function openSubscriptions(options: WatchOptions): Subscriptions {
  const watch = openResourceWatch(options)
  const held = new Map<string | number | symbol, DisposableStack>()
  const remove: Subscriptions['remove'] = (key) => {
    held.get(key)?.dispose()
    held.delete(key)
  }
  return {
    add: (key, uris) => {
      remove(key)
      const stack = new DisposableStack()
      held.set(key, stack)
      for (const uri of uris.filter(isChanging)) stack.use(watch.follow(uri))
    },
    remove,
    end: () => {
      for (const key of held.keys()) remove(key)
    },
  }
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
export function hear(message: unknown, subscriptions: Subscriptions): void {
  const asked = listen.safeParse(message).data
  if (asked !== undefined) subscriptions.add(asked.id, listenedTo(message))
  const ended = cancelled.safeParse(message).data
  if (ended !== undefined) subscriptions.remove(ended.params.requestId)
}
