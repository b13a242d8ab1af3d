// Programmer errors: what must be true, checked in production too. A failed assertion ends the run as a bug; it is
// never caught and reported as an operating error.

export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed'
}

export function assert(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new AssertionFailed(`this must hold, and does not: ${promise}`)
}
