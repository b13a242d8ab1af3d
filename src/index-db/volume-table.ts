// The volumes this backup has, had, or is about to have at its destination, and how far each has come. A state is on
// disk before the effect that it announces (docs/reliability.md, write order).
import type { SQLOutputValue } from 'node:sqlite'
import { column, type Database, type Row, type Statement } from './statement.ts'

export type VolumeKind = 'dblock' | 'dindex' | 'dlist'

/** Only ever moves to the right. */
export type VolumeState = 'temporary' | 'uploading' | 'uploaded' | 'verified' | 'deleting' | 'deleted'

export interface VolumeRow {
  readonly id: number
  readonly name: string
  readonly kind: VolumeKind
  readonly state: VolumeState
  /** Size and hash of the file as it lies at the destination; undefined until it is finished. */
  readonly sizeBytes: number | undefined
  readonly sha256: Buffer | undefined
  /** For a dindex the id of its dblock, where that is known. */
  readonly describes: number | undefined
  /** While deleting: the earliest time at which it may go, in milliseconds since 1970. */
  readonly notBeforeMs: number | undefined
  /** When it was last fetched and checked as a whole, in milliseconds since 1970; undefined if never. */
  readonly checkedMs: number | undefined
  /** How often that was. */
  readonly checks: number
  /** What was wrong with it when it was last looked at, in words; undefined: nothing that is known. */
  readonly damage: string | undefined
}

/** What counts as being at the destination. */
export function isPresent({ state }: VolumeRow): boolean {
  return state === 'uploaded' || state === 'verified'
}

export class VolumeTable {
  readonly #insert: Statement
  readonly #byName: Statement
  readonly #byId: Statement
  readonly #all: Statement
  readonly #finish: Statement
  readonly #setState: Statement
  readonly #setDeleting: Statement
  readonly #setSize: Statement
  readonly #noteCheck: Statement
  readonly #noteDamage: Statement
  readonly #carryOver: Statement
  readonly #remove: Statement

  constructor(db: Database) {
    const columns =
      'id, name, kind, state, size_bytes, sha256, describes, not_before_ms, checked_ms, checks, damage'
    this.#insert = db.prepare(
      'INSERT INTO volume (name, kind, state, size_bytes, sha256, describes) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
    )
    this.#byName = db.prepare(`SELECT ${columns} FROM volume WHERE name = ?`)
    this.#byId = db.prepare(`SELECT ${columns} FROM volume WHERE id = ?`)
    this.#all = db.prepare(`SELECT ${columns} FROM volume ORDER BY id`)
    this.#finish = db.prepare(
      "UPDATE volume SET state = 'uploading', size_bytes = ?, sha256 = ? WHERE id = ?",
    )
    this.#setState = db.prepare('UPDATE volume SET state = ? WHERE id = ?')
    this.#setDeleting = db.prepare("UPDATE volume SET state = 'deleting', not_before_ms = ? WHERE id = ?")
    this.#setSize = db.prepare('UPDATE volume SET size_bytes = ? WHERE id = ?')
    this.#noteCheck = db.prepare(
      `UPDATE volume SET checked_ms = ?, checks = checks + 1, sha256 = coalesce(sha256, ?), damage = NULL
       WHERE id = ?`,
    )
    this.#noteDamage = db.prepare('UPDATE volume SET damage = ? WHERE id = ?')
    this.#carryOver = db.prepare(
      `UPDATE volume SET checked_ms = ?, checks = ?, sha256 = coalesce(?, sha256), damage = coalesce(?, damage)
       WHERE id = ?`,
    )
    this.#remove = db.prepare('DELETE FROM volume WHERE id = ?')
  }

  /** A volume that is being written: no size yet. */
  begin(name: string, kind: VolumeKind, describes?: number): number {
    return column.number(this.#insert.get(name, kind, 'temporary', null, null, describes ?? null)?.[0])
  }

  /** A volume found at the destination. */
  addPresent(volume: {
    name: string
    kind: VolumeKind
    sizeBytes: number
    sha256?: Uint8Array
    describes?: number
  }): number {
    const { name, kind, sizeBytes, sha256, describes } = volume
    return column.number(
      this.#insert.get(name, kind, 'verified', sizeBytes, sha256 ?? null, describes ?? null)?.[0],
    )
  }

  /** Size and hash are known and the upload is about to begin. */
  markUploading(id: number, file: { sizeBytes: number; sha256: Uint8Array }): void {
    this.#finish.run(file.sizeBytes, file.sha256, id)
  }

  setState(id: number, state: VolumeState): void {
    this.#setState.run(state, id)
  }

  /** It is no longer needed and goes from the destination, at this time or later. */
  markDeleting(id: number, notBeforeMs: number): void {
    this.#setDeleting.run(notBeforeMs, id)
  }

  /** The destination lists it with another size than it was stored with. */
  setSize(id: number, sizeBytes: number): void {
    this.#setSize.run(sizeBytes, id)
  }

  /** It was fetched and found whole, with this hash. */
  noteCheck(id: number, check: { readonly atMs: number; readonly sha256: Uint8Array }): void {
    this.#noteCheck.run(check.atMs, check.sha256, id)
  }

  /** It was looked at and is not what it must be; that ends with a check that finds it whole. */
  noteDamage(id: number, damage: string): void {
    this.#noteDamage.run(damage, id)
  }

  /** What another index knew of the same volume. */
  carryOver(id: number, from: Pick<VolumeRow, 'checkedMs' | 'checks' | 'sha256' | 'damage'>): void {
    const { checkedMs, checks, sha256, damage } = from
    this.#carryOver.run(checkedMs ?? null, checks, sha256 ?? null, damage ?? null, id)
  }

  remove(id: number): void {
    this.#remove.run(id)
  }

  find(name: string): VolumeRow | undefined {
    const row = this.#byName.get(name)
    return row && volumeOf(row)
  }

  get(id: number): VolumeRow | undefined {
    const row = this.#byId.get(id)
    return row && volumeOf(row)
  }

  all(): VolumeRow[] {
    return this.#all.all().map(volumeOf)
  }
}

function volumeOf(row: Row): VolumeRow {
  return {
    id: column.number(row[0]),
    name: column.text(row[1]),
    kind: column.text(row[2]) as VolumeKind,
    state: column.text(row[3]) as VolumeState,
    sizeBytes: numberOrUndefined(row[4]),
    sha256: column.bytesOrUndefined(row[5]),
    describes: numberOrUndefined(row[6]),
    notBeforeMs: numberOrUndefined(row[7]),
    checkedMs: numberOrUndefined(row[8]),
    checks: column.number(row[9]),
    damage: row[10] === null ? undefined : column.text(row[10]),
  }
}

function numberOrUndefined(value: SQLOutputValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
