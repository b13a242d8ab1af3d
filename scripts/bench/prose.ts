// Text for test data: made-up words in made-up order, which a compressor makes smaller as it does real text.
import type { Dice } from './dice.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'

export class Prose {
  readonly #dice: Dice
  readonly #words: readonly string[]

  /** Draws `vocabulary` words of 2 to 9 letters. */
  constructor(dice: Dice, vocabulary: number) {
    this.#dice = dice
    this.#words = Array.from({ length: vocabulary }, () => {
      const word = Array.from({ length: 2 + dice.below(8) }, () => letters[dice.below(letters.length)])
      return `${word.join('')} `
    })
  }

  /** Goes on with the text for so many bytes. */
  text(sizeBytes: number): Buffer {
    let text = ''
    while (text.length < sizeBytes) text += this.#words[this.#dice.below(this.#words.length)]
    return Buffer.from(text.slice(0, sizeBytes), 'latin1')
  }
}
