/** Backends that are clouds: nothing of them is on this machine, and their own clients find credentials. */
export const cloudKinds = ['xray', 'cloud-trace', 'azure-monitor'] as const

export type CloudKind = (typeof cloudKinds)[number]

export const cloudEndpoints: Readonly<Record<CloudKind, string>> = {
  xray: 'https://xray.amazonaws.com',
  'cloud-trace': 'https://cloudtrace.googleapis.com',
  'azure-monitor': 'https://api.loganalytics.io',
}

export function isCloud(kind: string): kind is CloudKind {
  return cloudKinds.some((one) => one === kind)
}
