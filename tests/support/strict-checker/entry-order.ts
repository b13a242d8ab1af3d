// The order of the entries in an archive, as a short pattern: runs of names that begin alike (`list/…`) count as one.
import type { Place } from './findings.ts'
import type { ZipEntry } from './zip-archive.ts'

/** Insists on one of several orders, such as `manifest vol/ list/`. */
export function expectOrder(
  place: Place,
  entries: readonly ZipEntry[],
  order: { folders: readonly string[]; oneOf: readonly string[] },
): void {
  const steps = entries.map(({ name }) => order.folders.find((folder) => name.startsWith(folder)) ?? name)
  const found = steps.filter((step, index) => step !== steps[index - 1]).join(' ')
  if (!order.oneOf.includes(found)) {
    place.unlike(`entries expected in the order "${order.oneOf.join('" or "')}", found "${found}"`)
  }
}
