import t from 'tap'
import { parseRegQuery } from '../../src/protocol/reg-query.js'
import { w32timeSettings } from '../../src/protocol/w32time-settings.js'
import {
  type Settings,
  netlogonRegText,
  policyRegText,
  regText,
  serviceRegText,
} from './w32time-fixtures-text.js'

const SETTINGS: Settings = {
  start: 2,
  triggers: 'domain',
  type: 'NTP',
  servers: 'time.windows.com,0x9  ntp2.contoso.com,0x8',
  limits: [54_000, 0xffffffff],
}
const SERVICE = 'SYSTEM\\CurrentControlSet\\Services\\W32Time'

const read = (text: string, policy?: string, netlogon?: string) =>
  w32timeSettings({
    service: parseRegQuery(text),
    policy: policy === undefined ? undefined : parseRegQuery(policy),
    netlogon: netlogon === undefined ? undefined : parseRegQuery(netlogon),
  })

void t.test('what the registry holds is found', async t => {
  t.same(read(serviceRegText(SETTINGS), undefined, netlogonRegText(3)), {
    startType: 'automatic',
    triggers: [
      { action: 'start', on: 'domain' },
      { action: 'stop', on: 'domain' },
    ],
    domainMember: false,
    type: 'NTP',
    servers: ['time.windows.com', 'ntp2.contoso.com'],
    correctionLimits: { ahead: 54_000, back: Infinity },
    ntpClientEnabled: true,
    secureTimeSeeding: true,
  })
})

void t.test("a policy's values go before the service's own, each by itself", async t => {
  const policy = policyRegText('nt5ds', 'ntp.contoso.com,0x1', [3600, 1800])
  const { type, servers, correctionLimits, ntpClientEnabled } = read(
    serviceRegText(SETTINGS),
    policy,
  )
  t.same(
    { type, servers, correctionLimits, ntpClientEnabled },
    {
      type: 'NT5DS',
      servers: ['ntp.contoso.com'],
      correctionLimits: { ahead: 3600, back: 1800 },
      ntpClientEnabled: true,
    },
  )
  const client = regText('SOFTWARE\\Policies\\Microsoft\\W32Time', {
    'TimeProviders\\NtpClient': [['Enabled', 'REG_DWORD', '0x0']],
  })
  t.equal(read(serviceRegText(SETTINGS), client).ntpClientEnabled, false)
})

void t.test('what is not there, or not as it has to be, is absent', async t => {
  t.same(read(''), { triggers: [], servers: [], triggersIncomplete: true })
  const odd = serviceRegText({
    ...SETTINGS,
    type: 'Other',
    triggers: 'none',
    servers: 'b\u00e4d ok,0x8',
  })
    .replace('Start    REG_DWORD    0x2', 'Start    REG_DWORD    0x1')
    .replace('MaxPosPhaseCorrection    REG_DWORD', 'MaxPosPhaseCorrection    REG_SZ')
    .replaceAll('Enabled    REG_DWORD    0x1', 'Enabled    REG_DWORD    0x')
    .replace('UtilizeSslTimeData', 'Utilize')
  t.same(read(odd, undefined, netlogonRegText(1)), { triggers: [], servers: ['ok'] })
})

void t.test('each start type and membership is told', async t => {
  for (const [start, startType] of [
    [2, 'automatic'],
    [3, 'manual'],
    [4, 'disabled'],
  ] as const) {
    t.equal(read(serviceRegText({ ...SETTINGS, start })).startType, startType)
  }
})

void t.test(
  'a member of a domain has Netlogon start by itself, and follows the domain',
  async t => {
    for (const [start, type, member] of [
      [2, 'NT5DS', true],
      [2, 'AllSync', true],
      [2, 'NTP', undefined],
      [2, 'NoSync', undefined],
      [2, 'Other', undefined],
      [3, 'NTP', false],
      [3, 'NT5DS', false],
      [4, 'NTP', undefined],
      [4, 'NT5DS', undefined],
      [0, 'NT5DS', undefined],
    ] as const) {
      const { domainMember } = read(
        serviceRegText({ ...SETTINGS, type }),
        undefined,
        netlogonRegText(start),
      )
      t.equal(domainMember, member, `${start} ${type}`)
    }
    const policy = policyRegText('NTP', 'ntp.contoso.com', [1, 1])
    const own = serviceRegText({ ...SETTINGS, type: 'NT5DS' })
    t.equal(read(own, policy, netlogonRegText(2)).domainMember, undefined, 'the policy goes first')
  },
)

void t.test('a trigger is what its type, action and GUID say together', async t => {
  const triggersOf = (text: string) => read(text).triggers
  t.same(triggersOf(serviceRegText({ ...SETTINGS, triggers: 'network' })), [
    { action: 'start', on: 'network' },
    { action: 'stop', on: 'network' },
  ])
  const text = serviceRegText(SETTINGS)
  const swapped = text
    .replace('Action    REG_DWORD    0x1', 'Action    REG_DWORD    0x9')
    .replace('Action    REG_DWORD    0x2', 'Action    REG_DWORD    0x1')
    .replace('Action    REG_DWORD    0x9', 'Action    REG_DWORD    0x2')
  t.same(triggersOf(swapped), [
    { action: 'stop', on: 'other' },
    { action: 'start', on: 'other' },
  ])
  t.same(triggersOf(text.replace('Type    REG_DWORD    0x3', 'Type    REG_DWORD    0x14')), [
    { action: 'start', on: 'other' },
    { action: 'stop', on: 'domain' },
  ])
})

void t.test('triggers that are not whole, or not reached, are not all', async t => {
  const text = serviceRegText(SETTINGS)
  for (const broken of [
    text.replace('    GUID    REG_BINARY    BA0AE21C5198214494301DDEB766E809\r\n', ''),
    text.replace('Action    REG_DWORD    0x1', 'Action    REG_DWORD    0x3'),
    text.replace('    Type    REG_DWORD    0x3\r\n', ''),
  ]) {
    const { triggers, triggersIncomplete } = read(broken)
    t.same(triggers, [{ action: 'stop', on: 'domain' }])
    t.equal(triggersIncomplete, true)
  }
  const none = serviceRegText({ ...SETTINGS, triggers: 'none' })
  t.equal(read(none).triggersIncomplete, undefined)
  t.equal(read(none.slice(0, none.indexOf('VMIC'))).triggersIncomplete, true)
  const empty = regText(SERVICE, { TriggerInfo: [] })
  t.equal(read(empty).triggersIncomplete, undefined)
  t.equal(read(regText(SERVICE, { 'TriggerInfo\\x': [] })).triggersIncomplete, true)
})
