import { expect, it } from 'vitest'
import { checkPlanOf } from './check-plan.ts'
import type { CommandLine } from './command.ts'

function line(command: CommandLine['command'], options: Record<string, string> = {}): CommandLine {
  return { command, args: [], options: new Map(Object.entries(options)), repeated: [] }
}

it('a test reads its samples each time, a backup when they are due or were asked for', () => {
  expect(checkPlanOf(line('test'))).toEqual({ samples: 1, samplePercent: 0.1, everythingInMs: 2_592_000_000 })
  expect(checkPlanOf(line('test'), 'Everything')).toMatchObject({ samples: 'all' })
  expect(checkPlanOf(line('backup'))).toMatchObject({ samples: 1, onlyWhenDue: true })
  expect(checkPlanOf(line('backup', { 'backup-test-samples': '0' }))).toEqual({
    samples: 0,
    samplePercent: 0,
    everythingInMs: 2_592_000_000,
  })
  expect(() => checkPlanOf(line('test'), 'some')).toThrow('a number of sets, all or everything')
})
