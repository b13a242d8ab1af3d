// A destination with calls of a test in place of some of its own.
import type { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { Target } from '../../src/targets/target.ts'

/** The target, with these calls in place of its own. */
export function withCalls(target: Target, calls: Partial<Target>): Target {
  return new Proxy(target, {
    get(inner, key) {
      if (Object.hasOwn(calls, key)) return Reflect.get(calls, key) as unknown
      const value: unknown = Reflect.get(inner, key, inner)
      return typeof value === 'function' ? (value.bind(inner) as unknown) : value
    },
  })
}

/** The target, and word of each file before it is read from its beginning to its end. */
export function telling(target: LocalTarget, onGet: (name: string) => void): Target {
  return withCalls(target, {
    get: (name, options) => {
      if (!options.range) onGet(name)
      return target.get(name, options)
    },
  })
}
