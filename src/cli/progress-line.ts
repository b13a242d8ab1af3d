// How far a run is, in one line: redrawn in place on a terminal, one line a phase otherwise.
import type { Clock } from '../base/clock.ts'
import type { Progress } from '../usecases/reports.ts'
import { cutToColumns } from '../text/column-width.ts'
import { english as words } from '../text/english.ts'
import { durationText, sizeText } from '../text/sizes.ts'
import { shown } from '../text/shown.ts'

export interface Screen {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  /** Asked for each line, as people resize their windows. */
  readonly columns: () => number
}

/** What was done since a phase began. */
export interface Pace {
  readonly elapsedMs: number
  readonly bytesDone: number
  readonly bytesMoved: number
}

const redrawMs = 200
/** Between lines where there is no terminal to redraw on. */
const repeatMs = 30_000
/** Before that a guess of the time left is worth nothing. */
const guessAfterMs = 3000
const eraseLine = '\r\u001b[K'

export class ProgressLine {
  readonly #progress: Progress
  readonly #clock: Clock
  readonly #screen: Screen
  #timer: NodeJS.Timeout | undefined
  #began: (Pace & { readonly phase: string }) | undefined
  #lineMs = 0

  constructor(progress: Progress, clock: Clock, screen: Screen) {
    this.#progress = progress
    this.#clock = clock
    this.#screen = screen
  }

  start(): void {
    this.#timer = setInterval(() => this.draw(), redrawMs)
    this.#timer.unref()
  }

  /** Nothing of the line stays. */
  stop(): void {
    clearInterval(this.#timer)
    if (this.#screen.isTerminal) this.#screen.write(eraseLine)
  }

  /** Shows the line as it is now; where it cannot be redrawn, only when there is news. */
  draw(): void {
    const nowMs = this.#clock.monotonicMs()
    const { phase, bytesDone, bytesMoved } = this.#progress
    const isNew = this.#began?.phase !== phase
    if (!this.#began || isNew) this.#began = { phase, elapsedMs: nowMs, bytesDone, bytesMoved }
    const began = this.#began
    if (!this.#screen.isTerminal && !isNew && nowMs - this.#lineMs < repeatMs) return
    this.#lineMs = nowMs
    const line = progressText(this.#progress, {
      elapsedMs: nowMs - began.elapsedMs,
      bytesDone: bytesDone - began.bytesDone,
      bytesMoved: bytesMoved - began.bytesMoved,
    })
    const text = this.#screen.isTerminal
      ? `${eraseLine}${cutToColumns(line, this.#screen.columns() - 1)}`
      : `${line}\n`
    this.#screen.write(text)
  }
}

/** Phase, entries, bytes, speed, and the time left once everything has been found. */
export function progressText(progress: Progress, pace: Pace): string {
  const { filesDone, filesFound, bytesDone, bytesFound, allFound } = progress
  const head = headOf(progress)
  if (progress.phase === 'rebuilding the index') return `${head}${volumesText(progress, pace)}`
  if (filesFound === 0) return head
  const counts = [filesDone, filesFound].map((count) => count.toLocaleString('en')) as [string, string]
  const parts = [
    words.entriesDone(...counts, allFound),
    words.bytesDone(sizeText(bytesDone), sizeText(bytesFound), allFound),
  ]
  const { elapsedMs } = pace
  if (elapsedMs > 0 && pace.bytesMoved > 0) {
    parts.push(words.perSecond(sizeText((pace.bytesMoved / elapsedMs) * 1000)))
  }
  if (allFound && elapsedMs >= guessAfterMs && pace.bytesDone > 0 && bytesDone < bytesFound) {
    parts.push(words.left(durationText(((bytesFound - bytesDone) / pace.bytesDone) * elapsedMs)))
  }
  return `${head}: ${parts.join(', ')}`
}

/** As all are fetched in the same way, the time left follows from their bytes. */
function volumesText(progress: Progress, { elapsedMs }: Pace): string {
  const { volumesDone, volumesFound, volumeBytesDone, volumeBytesFound } = progress
  if (volumesFound === 0) return ''
  const counts = [volumesDone, volumesFound].map((count) => count.toLocaleString('en')) as [string, string]
  const parts = [
    words.volumesDone(...counts),
    words.bytesDone(sizeText(volumeBytesDone), sizeText(volumeBytesFound), true),
  ]
  const leftBytes = volumeBytesFound - volumeBytesDone
  if (elapsedMs >= guessAfterMs && volumeBytesDone > 0 && leftBytes > 0)
    parts.push(words.left(durationText((leftBytes / volumeBytesDone) * elapsedMs)))
  return `: ${parts.join(', ')}`
}

function headOf({ phase, subject, waitsForTry }: Progress): string {
  const about = phase === 'connecting' || phase === 'checking the destination' ? ` ${shown(subject)}` : ''
  const head = `${phase.charAt(0).toUpperCase()}${phase.slice(1)}${about}`.trimEnd()
  return waitsForTry === undefined ? head : `${head} (${words.waitingFor(waitsForTry)})`
}
