/** A cost with parts of falling weight, compared part by part and never folded into one number. */
export type Vector = readonly number[]

export function plus(a: Vector, b: Vector, times = 1): Vector {
  return a.map((part, index) => part + times * (b[index] ?? 0))
}

export function compareVectors(a: Vector, b: Vector): number {
  for (const [index, part] of a.entries()) {
    const difference = part - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export interface Arc {
  readonly from: number
  readonly to: number
  readonly capacity: number
  readonly cost: Vector
}

/**
 * Sends as much as possible from node 0 to the last node at least cost, by successive shortest paths (Ahuja, Magnanti, Orlin:
 * Network Flows, 9.7). Costs may be negative where the arcs form no negative cycle. Returns the flow on each arc; ties go to
 * the earlier arc.
 */
export function leastCostFlow(nodes: number, arcs: readonly Arc[]): readonly number[] {
  const flow = arcs.map(() => 0)
  const touching = arcsByNode(nodes, arcs)
  for (let path = shortestPath({ nodes, arcs, flow, touching }); path !== undefined;) {
    for (const step of path.steps) flow[step.arc] = (flow[step.arc] ?? 0) + step.sign * path.amount
    path = shortestPath({ nodes, arcs, flow, touching })
  }
  return flow
}

interface Network {
  readonly nodes: number
  readonly arcs: readonly Arc[]
  readonly flow: readonly number[]
  readonly touching: readonly (readonly Step[])[]
}

/** An arc taken forwards (1) or its flow taken back (-1). */
interface Step {
  readonly arc: number
  readonly sign: 1 | -1
}

function arcsByNode(nodes: number, arcs: readonly Arc[]): readonly (readonly Step[])[] {
  const touching: Step[][] = Array.from({ length: nodes }, () => [])
  for (const [index, arc] of arcs.entries()) {
    touching[arc.from]?.push({ arc: index, sign: 1 })
    touching[arc.to]?.push({ arc: index, sign: -1 })
  }
  return touching
}

/** Bellman-Ford with a queue, since arcs that are taken back cost less than nothing. */
function shortestPath(
  network: Network,
): { readonly steps: readonly Step[]; readonly amount: number } | undefined {
  const reached: ({ readonly cost: Vector; readonly by: Step | undefined } | undefined)[] = []
  reached[0] = { cost: network.arcs[0]?.cost.map(() => 0) ?? [], by: undefined }
  const queue = [0]
  const queued = new Set(queue)
  for (let next = 0; next < queue.length; next += 1) {
    const node = queue[next] ?? 0
    queued.delete(node)
    for (const step of network.touching[node] ?? []) {
      const end = relax(network, reached, step)
      if (end === undefined || queued.has(end)) continue
      queue.push(end)
      queued.add(end)
    }
  }
  return reached[network.nodes - 1] === undefined ? undefined : traceBack(network, reached)
}

type Reached = ({ readonly cost: Vector; readonly by: Step | undefined } | undefined)[]

function relax(network: Network, reached: Reached, step: Step): number | undefined {
  const arc = network.arcs[step.arc]
  if (arc === undefined || residual(network, step) === 0) return undefined
  const [from, to] = step.sign === 1 ? [arc.from, arc.to] : [arc.to, arc.from]
  const start = reached[from]
  if (start === undefined) return undefined
  const cost = plus(start.cost, arc.cost, step.sign)
  const known = reached[to]
  if (known !== undefined && compareVectors(known.cost, cost) <= 0) return undefined
  reached[to] = { cost, by: step }
  return to
}

function residual(network: Network, { arc, sign }: Step): number {
  const used = network.flow[arc] ?? 0
  return sign === 1 ? (network.arcs[arc]?.capacity ?? 0) - used : used
}

function traceBack(
  network: Network,
  reached: Reached,
): { readonly steps: readonly Step[]; readonly amount: number } {
  const steps: Step[] = []
  let amount = Infinity
  for (let step = reached[network.nodes - 1]?.by; step !== undefined;) {
    steps.push(step)
    amount = Math.min(amount, residual(network, step))
    const arc = network.arcs[step.arc]
    step = reached[(step.sign === 1 ? arc?.from : arc?.to) ?? 0]?.by
  }
  return { steps, amount }
}
