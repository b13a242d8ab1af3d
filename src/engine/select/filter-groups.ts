// Duplicati's named sets of filters, with what they hold on Linux: `{SystemFiles}`, `{CacheFiles,TemporaryFiles}`.
// Names are read in any case.
import { PullbackError } from '../../base/errors.ts'

interface FilterGroup {
  /** In lower case, the first being the usual one. */
  readonly names: readonly string[]
  readonly patterns: readonly string[]
}

const groups: readonly FilterGroup[] = [
  { names: ['systemfiles', 'system', 'sys'], patterns: ['/dev/', '/proc/', '/selinux/', '/sys/'] },
  {
    names: ['operatingsystem', 'os'],
    patterns: ['/bin/', '/boot/', '/etc/', '/initrd/', '/sbin/', '/var/'],
  },
  {
    names: ['temporaryfiles', 'temp', 'tmp', 'tempfiles', 'tempfolders', 'temporaryfolders'],
    patterns: ['*/lost+found/', '*~', '/tmp/'],
  },
  {
    names: ['cachefiles', 'cache', 'caches', 'cachefolders'],
    patterns: [
      '*/.cache/',
      '*/.config/google-chrome/Default/Cookies',
      '*/.config/google-chrome/Default/Cookies-journal',
      '*/Google/Chrome/*cache*',
      '*/Google/Chrome/*LOCK*',
      '*/Google/Chrome/*Current*',
      '*/Google/Chrome/Safe Browsing*',
      '*/Mozilla/Firefox/*cache*',
      // Spelt as in Duplicati, which so keeps what Firefox calls cookies.sqlite; we leave out no more than it does.
      '[.*/(cookies|permissions).sqllite(-.{3})?]',
      '*/iPhoto Library/iPod Photo Cache/',
    ],
  },
  {
    names: ['applications', 'app', 'apps', 'application'],
    patterns: ['/lib/', '/lib64/', '/opt/', '/usr/'],
  },
]

const noneNames = ['none']
const allNames = ['defaultexcludes', 'excludes', 'exclude', 'exc']
/** They hold nothing on any system. */
const includeNames = ['defaultincludes', 'includes', 'include', 'inc']

/** The patterns of one or more groups, named as between the braces. `BadArguments` for a name that is none. */
export function patternsOfGroups(text: string): string[] {
  return text.split(',').flatMap((part) => {
    const name = part.trim().toLowerCase()
    if (noneNames.includes(name) || includeNames.includes(name)) return []
    if (allNames.includes(name)) return groups.flatMap(({ patterns }) => patterns)
    const group = groups.find(({ names }) => names.includes(name))
    if (group) return group.patterns
    throw new PullbackError('BadArguments', {
      what: `there is no group of filters {${part.trim()}}`,
      subject: text,
      advice:
        'There are SystemFiles, OperatingSystem, TemporaryFiles, CacheFiles, Applications, DefaultExcludes.',
    })
  })
}
