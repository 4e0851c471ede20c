import { Fault } from '../trace/fault.ts'
import type { HttpAnswer } from './http-answer.ts'
import { exchange, type Exchanging, type HttpRequest } from './http-exchange.ts'
import { shownUrl } from './http-faults.ts'

const maxRedirects = 5
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * One exchange that follows the redirects of a GET within the origin. What leaves the origin is refused (SOURCE_REFUSED), for the
 * headers hold credentials.
 */
export async function exchangeWithin(
  first: HttpRequest,
  exchanging: Exchanging,
): Promise<HttpAnswer> {
  let request = first
  for (let followedCount = 0; ; followedCount += 1) {
    const answer = await exchange(request, exchanging)
    const { location } = answer.headers
    if (!redirects.has(answer.status) || location === undefined) return answer
    const next = URL.parse(location, request.url.href)
    if (next?.origin !== request.url.origin) throw elsewhere(request.url, next)
    if (request.method !== 'GET' || followedCount === maxRedirects) throw notFollowed(request, next)
    next.username = ''
    next.password = ''
    request = { ...request, url: next }
  }
}

function elsewhere(url: URL, next: URL | null): Fault {
  const place = next === null ? 'an address that is none' : next.origin
  return new Fault('SOURCE_REFUSED', `${shownUrl(url)} redirects to ${place}`, {
    hint: 'requests go only to the address that was named; name that one if it is the backend',
  })
}

function notFollowed({ url, method }: HttpRequest, next: URL): Fault {
  const what = method === 'GET' ? 'redirects on and on' : `redirects a ${method}`
  return new Fault('SOURCE_REFUSED', `${shownUrl(url)} ${what}, now to ${shownUrl(next)}`, {
    hint: 'is this the address of the query API, and not of a page or a sign-in?',
  })
}
