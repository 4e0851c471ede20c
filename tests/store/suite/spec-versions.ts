import { expect, test } from 'vitest'
import type { SpecVersion } from '../../../src/trace/ports.ts'
import { nanosOf } from '../../../src/trace/time.ts'
import { verifies } from '../../verifies.ts'
import type { OpenTemporary } from './open.ts'

const path = 'specs/a.yaml'

function version(sha256: string, rest: Partial<SpecVersion> = {}): SpecVersion {
  const firstSeen = nanosOf(1795198879391080449n)
  return { path, name: 'a', sha256, text: `# ${sha256} 日本`, firstSeen, origin: 'run', ...rest }
}

/** Versions of specs. */
export function describeSpecVersions(open: OpenTemporary): void {
  test('versions are read as they were kept, newest first, each once', async () => {
    verifies('P-03')
    await using opened = await open()
    const { store } = opened
    const first = version('1')
    const second = version('2', { origin: 'update', firstSeen: nanosOf(1n) })
    const other = version('1', { path: 'specs/b.yaml', name: 'b' })
    await store.keepSpecs([first, other])
    await store.keepSpecs([second, version('1', { origin: 'check' })])
    expect(await store.specVersions(path)).toEqual([second, first])
    expect(await store.specVersions('specs/b.yaml')).toEqual([other])
  })

  test('a path or a name leads to the path that was kept last', async () => {
    await using opened = await open()
    const { store } = opened
    await store.keepSpecs([version('1'), version('2', { path: 'specs/moved.yaml' })])
    const texts = ['a', path, 'specs/moved.yaml', 'b']
    expect(await Promise.all(texts.map((text) => store.keptSpecPath(text)))).toEqual([
      'specs/moved.yaml',
      path,
      'specs/moved.yaml',
      undefined,
    ])
  })

  test('of many versions of a spec the oldest are forgotten, and no other spec loses any', async () => {
    await using opened = await open()
    const { store } = opened
    await store.keepSpecs([version('1', { path: 'specs/b.yaml' })])
    for (let number = 1; number <= 103; number += 1)
      await store.keepSpecs([version(String(number))])
    const kept = (await store.specVersions(path)).map(({ sha256 }) => sha256)
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([100, '103', '4'])
    expect(await store.specVersions('specs/b.yaml')).toHaveLength(1)
  })

  test('large versions of a spec are forgotten by their bytes; the newest always stays', async () => {
    await using opened = await open()
    const { store } = opened
    const text = 'é'.repeat(2 ** 19)
    for (let number = 1; number <= 6; number += 1)
      await store.keepSpecs([version(String(number), { text })])
    expect((await store.specVersions(path)).map(({ sha256 }) => sha256)).toEqual([
      '6',
      '5',
      '4',
      '3',
    ])
    await store.keepSpecs([version('7', { text: 'é'.repeat(2 ** 22) })])
    expect((await store.specVersions(path)).map(({ sha256 }) => sha256)).toEqual(['7'])
  })
}
