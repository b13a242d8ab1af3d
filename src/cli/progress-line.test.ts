import { describe, expect, it } from 'vitest'
import { Progress } from '../usecases/reports.ts'
import { ProgressLine, progressText } from './progress-line.ts'

const still = { elapsedMs: 0, bytesDone: 0, bytesMoved: 0 }

function progress(values: Partial<Progress>): Progress {
  return Object.assign(new Progress(), values)
}

function drawn(isTerminal: boolean): { at: (ms: number) => void; texts: string[]; counters: Progress } {
  let nowMs = 0
  const texts: string[] = []
  const counters = progress({ phase: 'reading files', filesFound: 1, bytesFound: 10 })
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const screen = { write: (text: string) => void texts.push(text), isTerminal, columns: () => 20 }
  const line = new ProgressLine(counters, clock, screen)
  const at = (ms: number): void => {
    nowMs = ms
    line.draw()
  }
  return { at, texts, counters }
}

describe('the progress line', () => {
  it('names what is being waited for', () => {
    const text = progressText(progress({ subject: 'ssh://ana@web1/srv' }), still)
    expect(text).toBe('Connecting ssh://ana@web1/srv')
  })

  it('says that more may be found while the scan goes on, and no time left', () => {
    const text = progressText(
      progress({ phase: 'reading files', filesFound: 20, filesDone: 5, bytesFound: 2048, bytesDone: 1024 }),
      { elapsedMs: 4000, bytesDone: 1024, bytesMoved: 2048 },
    )
    expect(text).toBe('Reading files: 5 of 20+ entries, 1.0 KiB of 2.0 KiB+, 512 B/s')
  })

  it('counts as speed only what was moved, and guesses the time left from this phase alone', () => {
    const found = { phase: 'restoring files' as const, allFound: true, filesFound: 4, filesDone: 1 }
    const counters = progress({ ...found, bytesFound: 4 << 20, bytesDone: 2 << 20 })
    const pace = { elapsedMs: 4000, bytesDone: 1 << 20, bytesMoved: 0 }
    expect(progressText(counters, pace)).toBe(
      'Restoring files: 1 of 4 entries, 2.0 MiB of 4.0 MiB, 8.0 s left',
    )
    expect(progressText(counters, { ...pace, elapsedMs: 1000 })).not.toContain('left')
  })

  it('counts the volumes of a rebuild', () => {
    const counts = {
      volumesFound: 1200,
      volumesDone: 300,
      volumeBytesFound: 4 << 20,
      volumeBytesDone: 1 << 20,
    }
    const counters = progress({ phase: 'rebuilding the index', ...counts })
    expect(progressText(counters, { elapsedMs: 4000, bytesDone: 0, bytesMoved: 0 })).toBe(
      'Rebuilding the index: 300 of 1,200 volumes, 1.0 MiB of 4.0 MiB, 12 s left',
    )
  })

  it('says that it waits for the destination', () => {
    expect(progressText(progress({ phase: 'finishing volumes', waitsForTry: 3 }), still)).toBe(
      'Finishing volumes (waiting for the destination, try 3)',
    )
  })

  it('stays within one line of a terminal', () => {
    const { at, texts } = drawn(true)
    at(0)
    expect(texts).toEqual(['\r\u001b[KReading files: 0 of'])
  })

  it('is written without a terminal when the phase changes, and every 30 seconds', () => {
    const { at, texts, counters } = drawn(false)
    for (const ms of [0, 200, 29_999, 30_000, 30_200]) at(ms)
    expect(texts).toHaveLength(2)
    counters.phase = 'finishing volumes'
    at(30_400)
    expect(texts[2]).toMatch(/^Finishing volumes: .*\n$/)
  })
})
