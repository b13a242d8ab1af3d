// A Vitest reporter whose only job is the last line: `N passed, N failed`, and `, N skipped` if any were. A file or a
// group that broke outside of its tests, and an error that nobody caught, count as one failure each. A run in which
// nothing passed fails, whatever the reason.
import type { Reporter, TestModule } from 'vitest/node'

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const group of [module, ...module.children.allSuites()]) counts.failed += group.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'pending' ? 'skipped' : state] += 1
      }
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    process.on('exit', () => {
      if (counts.passed === 0) process.exitCode = 1
      process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
    })
  }
}
