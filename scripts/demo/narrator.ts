// The voice of the demo: numbered steps and plain sentences.

export class Narrator {
  #step = 0
  readonly #startedAt = performance.now()

  step(title: string): void {
    this.#step += 1
    process.stdout.write(`\n${this.#step}. ${title}\n`)
  }

  say(sentence: string): void {
    process.stdout.write(`   ${sentence}\n`)
  }

  size(bytes: number): string {
    return `${(bytes / 1_048_576).toFixed(1)} MiB`
  }

  seconds(): string {
    return ((performance.now() - this.#startedAt) / 1000).toFixed(1)
  }
}
