// A destination that somebody watches.
import type { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { Target } from '../../src/targets/target.ts'

/** The target, and word of each file before it is read from its beginning to its end. */
export function telling(target: LocalTarget, onGet: (name: string) => void): Target {
  return new Proxy(target, {
    get(inner, key) {
      if (key === 'get')
        return (...given: Parameters<Target['get']>) => {
          if (!given[1].range) onGet(given[0])
          return inner.get(...given)
        }
      const value: unknown = Reflect.get(inner, key, inner)
      return typeof value === 'function' ? (value.bind(inner) as unknown) : value
    },
  })
}
