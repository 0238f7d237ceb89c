import { type Language, languages } from './w32time-fixtures-languages.js'
import {
  CONFIGURED,
  type W32TimeFixture,
  fixtureNow,
  good,
  never,
  ok,
  running,
  stopped,
  variants,
  workgroup,
} from './w32time-fixtures-parts.js'
import { policyRegText } from './w32time-fixtures-text.js'

export type { Printed, Situation, W32TimeFixture } from './w32time-fixtures-parts.js'
export { fixtureClock, fixtureNow } from './w32time-fixtures-parts.js'

const synchronised = (language: Language): W32TimeFixture =>
  running(language, 'synchronised', {
    state: good,
    settings: { ...workgroup, triggers: 'network', start: language === 'english' ? 3 : 2 },
    expect: {
      synchronized: true,
      synchronizedSinceBoot: true,
      source: { actual: 'ntp.contoso.com', kind: 'external', configured: CONFIGURED },
    },
  })

const afterReboot = (language: Language): W32TimeFixture => {
  const actual = variants[language].freeRunning ? 'Free-running System Clock' : 'Local CMOS Clock'
  return running(language, 'local CMOS clock after a reboot', {
    state: { ...never, source: actual },
    expect: {
      synchronized: false,
      synchronizedSinceBoot: false,
      source: { actual, kind: 'own', configured: CONFIGURED },
    },
  })
}

const hypervisor = (language: Language): W32TimeFixture => {
  const actual = 'VM IC Time Synchronization Provider'
  const { hostId } = variants[language]
  return running(language, 'VM IC provider', {
    state: {
      ...good,
      stratum: hostId === 0 ? 1 : 4,
      referenceId: hostId,
      source: actual,
      stateMachine: 1,
      lastSync: fixtureNow - 22,
      age: '22.0930147',
    },
    settings: { ...workgroup, limits: [0xffffffff, 3600] },
    expect: {
      synchronized: true,
      synchronizedSinceBoot: true,
      correctionLimits: { ahead: Infinity, back: 3600 },
      source: { actual, kind: 'hypervisor', configured: CONFIGURED },
    },
  })
}

const tooBigAfterSuccess = (language: Language): W32TimeFixture => {
  const { holding } = variants[language]
  const state = {
    ...(holding ? good : { ...never, source: 'Local CMOS Clock' }),
    lastSync: fixtureNow - 3 * 86_400,
    age: '259200.6512345',
    lastSyncError: 3,
  }
  return running(language, 'change too big after a success', {
    state,
    printing: { ...variants[language].printing, width: 60 },
    expect: {
      synchronized: holding,
      synchronizedSinceBoot: true,
      source: holding
        ? { actual: 'ntp.contoso.com', kind: 'external', configured: CONFIGURED }
        : { actual: 'Local CMOS Clock', kind: 'own', configured: CONFIGURED },
    },
  })
}

const tooBigAfterReboot = (language: Language): W32TimeFixture =>
  running(language, 'change too big after a reboot', {
    state: { ...never, lastSyncError: 3, age: '188.2030147' },
    settings: { ...workgroup, type: 'NT5DS' },
    policy: ok(policyRegText('AllSync', 'ntp.contoso.com,0x8', [3600, 1800])),
    printing: { ...variants[language].printing, width: 25 },
    expect: {
      synchronized: false,
      synchronizedSinceBoot: false,
      correctionLimits: { ahead: 3600, back: 1800 },
      source: {
        actual: 'Local CMOS Clock',
        kind: 'own',
        configured: 'domain hierarchy, ntp.contoso.com',
      },
    },
  })

/** Composed from the layouts of the tools; each language in each situation. */
export const w32timeFixtures: readonly W32TimeFixture[] = (
  Object.keys(languages) as Language[]
).flatMap(language => {
  const { stoppedBy } = variants[language]
  return [
    synchronised(language),
    afterReboot(language),
    hypervisor(language),
    stopped(language, 'service stopped', stoppedBy, { ...workgroup, start: 3 }),
    // It was stopped right after the boot, or did not even start.
    stopped(language, 'trigger start on a workgroup host', stoppedBy === 0 ? 1077 : 0, {
      ...workgroup,
      triggers: 'domain',
    }),
    tooBigAfterSuccess(language),
    tooBigAfterReboot(language),
  ]
})
