// Text from elsewhere, made safe to show on a terminal: names may hold line breaks, colours and marks that turn the
// direction of writing, and must not be able to fake what a program says.

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\\]/gu
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

/** One line; what cannot be shown as it is appears as an escape. */
export function shown(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16)
    return short[character] ?? `\\u{${code}}`
  })
}
