// The dindexes: each describes one dblock to the byte, and repeats blocklists so that a restore can plan without them.
import type { BlockStore } from './block-store.ts'
import type { DblockFacts } from './dblock.ts'
import { expectOrder } from './entry-order.ts'
import type { Place } from './findings.ts'
import { HASH_BYTES, hashOfEntryName, sha256 } from './hashes.ts'
import type { JsonObject, JsonValue } from './json-scanner.ts'
import { asArray, asHash, asInteger, asObject, property, propertyNames, readDocument } from './json-values.ts'
import type { Volume } from './volume-reader.ts'
import type { ZipEntry } from './zip-archive.ts'

const ORDERS = ['manifest vol/', 'manifest list/ vol/', 'manifest vol/ list/']

/** Gathers what all dindexes say, and compares it with the dblocks that were read before. */
export class DindexLedger {
  /** Blocklists that some `list/` entry repeats truly. */
  readonly blocklists = new Set<string>()
  readonly #dblocks: ReadonlyMap<string, DblockFacts>
  readonly #store: BlockStore
  readonly #describedBy = new Map<string, string>()

  constructor(dblocks: ReadonlyMap<string, DblockFacts>, store: BlockStore) {
    this.#dblocks = dblocks
    this.#store = store
  }

  read(volume: Volume): void {
    expectOrder(volume.place, volume.entries, { folders: ['list/', 'vol/'], oneOf: ORDERS })
    const described = volume.entries.filter((entry) => entry.name.startsWith('vol/'))
    if (described.length !== 1) volume.place.unlike(`one vol/ entry expected, found ${described.length}`)
    for (const entry of described) this.#readVol(entry, volume)
    for (const entry of volume.entries) if (entry.name.startsWith('list/')) this.#readList(entry, volume)
  }

  /** Call after the last dindex: every dblock must have been described. */
  expectComplete(root: Place): void {
    for (const name of this.#dblocks.keys()) {
      if (!this.#describedBy.has(name)) root.at(name).leftover('no dindex describes this dblock')
    }
  }

  #readVol(entry: ZipEntry, volume: Volume): void {
    const place = volume.place.at(`entry "${entry.name}"`)
    const dblockName = entry.name.slice('vol/'.length)
    const other = this.#describedBy.get(dblockName)
    if (other !== undefined) place.unlike(`describes a dblock that ${other} describes too`)
    this.#describedBy.set(dblockName, volume.name.name)
    const facts = this.#dblocks.get(dblockName)
    if (facts === undefined) place.leftover('describes a dblock that is not in the folder or cannot be read')
    else
      place.attempt('leftover', () => compareVol(readDocument(place, entry.content(), LAYOUT), facts, place))
  }

  #readList(entry: ZipEntry, volume: Volume): void {
    const place = volume.place.at(`entry "${entry.name}"`)
    const hash = hashOfEntryName(entry.name.slice('list/'.length))
    if (hash === undefined) {
      place.unlike('name expected list/ and URL-safe Base64 of a SHA-256 with padding')
      return
    }
    const content = place.attempt('leftover', entry.content)
    if (content === undefined) return
    const found = sha256(content)
    const isList =
      content.length > 0 && content.length % HASH_BYTES === 0 && content.length <= volume.blocksize
    if (!isList) {
      place.unlike(
        `length expected a multiple of ${HASH_BYTES} up to ${volume.blocksize}, found ${content.length}`,
      )
    }
    if (found !== hash) place.unlike(`SHA-256 of the content expected ${hash}, found ${found}`)
    if (isList && found === hash) this.blocklists.add(hash)
    if (!this.#store.has(hash)) place.leftover('blocklist is not a block of any dblock')
  }
}

const LAYOUT = { bom: false, compact: true }

function compareVol(root: JsonValue, facts: DblockFacts, place: Place): void {
  const vol = asObject(root, 'document')
  expectProperties(vol, 'blocks, volumehash, volumesize', place)
  compareBlocks(asArray(property(vol, 'blocks'), 'blocks'), facts, place)
  const volumeHash = asHash(property(vol, 'volumehash'), 'volumehash')
  if (volumeHash !== facts.hash) place.broken(`volumehash expected ${facts.hash}, found ${volumeHash}`)
  const volumeSize = asInteger(property(vol, 'volumesize'), 'volumesize')
  if (volumeSize !== facts.sizeBytes)
    place.broken(`volumesize expected ${facts.sizeBytes}, found ${volumeSize}`)
}

function compareBlocks(listed: readonly JsonValue[], facts: DblockFacts, place: Place): void {
  const seen = new Set<string>()
  for (const [index, item] of listed.entries()) {
    const here = place.at(`blocks[${index}]`)
    const block = asObject(item, `blocks[${index}]`)
    expectProperties(block, 'hash, size', here)
    const hash = asHash(property(block, 'hash'), `blocks[${index}].hash`)
    const size = asInteger(property(block, 'size'), `blocks[${index}].size`)
    const expected = facts.blocks.get(hash)
    if (expected === undefined) here.broken(`block ${hash} is not in the dblock`)
    else if (expected !== size) here.broken(`size of block ${hash} expected ${expected}, found ${size}`)
    if (seen.has(hash)) here.unlike(`block ${hash} is listed twice`)
    seen.add(hash)
  }
  for (const hash of facts.blocks.keys()) {
    if (!seen.has(hash)) place.broken(`block ${hash} of the dblock is not listed in blocks`)
  }
}

function expectProperties(object: JsonObject, expected: string, place: Place): void {
  const found = propertyNames(object)
  if (found !== expected) place.broken(`properties expected "${expected}" in this order, found "${found}"`)
}
