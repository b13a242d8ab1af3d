// Today's exceptions from the rules of this folder. The list may only shrink: an exception that nothing needs any
// longer fails the tests, as a fault that is not listed does.

export interface Finding {
  readonly rule: string
  /** The file, or whatever else the rule is about. */
  readonly where: string
  readonly sentence: string
}

const exceptions: readonly { readonly rule: string; readonly where: string; readonly why: string }[] = []

/** What is wrong, as sentences: findings that are not excepted, and exceptions of these rules without a finding. */
export function complaints(rules: readonly string[], findings: readonly Finding[]): readonly string[] {
  const same = (a: Pick<Finding, 'rule' | 'where'>, b: Pick<Finding, 'rule' | 'where'>): boolean =>
    a.rule === b.rule && a.where === b.where
  const stale = exceptions.filter(
    (exception) => rules.includes(exception.rule) && !findings.some((finding) => same(finding, exception)),
  )
  return [
    ...findings
      .filter((finding) => !exceptions.some((exception) => same(finding, exception)))
      .map((finding) => `${finding.where}: ${finding.sentence}`),
    ...stale.map(({ rule, where }) => `${where}: no longer needs its exception from "${rule}"; remove it`),
  ]
}
