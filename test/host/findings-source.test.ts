import t from 'tap'
import type { HostReading } from '../../src/host/reading.js'
import {
  BY_POLICY,
  behind,
  windows,
  linux,
  unit,
  summary,
  found,
  RESYNC,
  VMIC_OFF,
} from './machines.js'

void t.test('a service without anything to follow is told what to follow', async t => {
  const configure = [
    'w32tm /config /manualpeerlist:"NTP-SERVER-1,0x8 NTP-SERVER-2,0x8" /syncfromflags:manual /update',
    ...RESYNC,
  ]
  const domain = ['w32tm /config /syncfromflags:domhier /update', ...RESYNC]
  for (const [settings, repair, why] of [
    [{ type: 'NoSync' }, configure, 'NoSync'],
    [{ type: 'NoSync', domainMember: true }, domain, 'NoSync'],
    [{ servers: [], domainMember: true }, domain, 'No server'],
    [{ type: 'NT5DS' }, configure, 'NT5DS'],
    [{ servers: [] }, configure, 'No server'],
    [{ type: 'AllSync', servers: [] }, configure, 'No server'],
    [
      { ntpClientEnabled: false },
      [
        String.raw`reg add HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\NtpClient /v Enabled /t REG_DWORD /d 1 /f`,
        'w32tm /config /update',
        ...RESYNC,
      ],
      'switched off',
    ],
  ] as const) {
    const input = windows({ settings })
    t.same(summary(input), ['warning no-source-configured'])
    t.same(found(input, 'no-source-configured').repair, repair)
    t.match(found(input, 'no-source-configured').why, why)
    t.equal(found(input, 'no-source-configured').why.split(BY_POLICY).length, 2)
    const stopped = windows({ settings, facts: { running: false } })
    const [config = ''] = repair
    const started = [config.replace(' /update', ''), 'net start w32time', ...RESYNC]
    t.same(found(stopped, 'service-stopped').repair, started)
    t.same(found(stopped, 'no-source-configured').repair, started)
  }
  for (const settings of [
    { type: 'NT5DS', domainMember: true },
    { type: 'AllSync', servers: [], domainMember: true },
    { type: 'AllSync' },
  ]) {
    t.same(summary(windows({ settings })), [])
  }
})

void t.test('on Linux, too, servers are written where the service looks for them', async t => {
  const source = { configured: '' }
  for (const [name, unitName, first] of [
    ['chrony', 'chrony.service', "echo 'server NTP-SERVER-1 iburst' >> /etc/chrony/chrony.conf"],
    ['chrony', 'chronyd.service', "echo 'server NTP-SERVER-1 iburst' >> /etc/chrony.conf"],
    ['ntpd', 'ntpsec.service', "echo 'server NTP-SERVER-1 iburst' >> /etc/ntpsec/ntp.conf"],
    ['ntpd', 'ntpd.service', "echo 'server NTP-SERVER-1 iburst' >> /etc/ntp.conf"],
    ['timesyncd', 'systemd-timesyncd.service', 'mkdir -p /etc/systemd/timesyncd.conf.d'],
  ] as const) {
    const input = linux({
      facts: { source },
      reading: { name, unit: unitName, systemd: { ...unit, id: unitName } },
    })
    t.same(summary(input), ['warning no-source-configured'])
    const { repair } = found(input, 'no-source-configured')
    t.equal(repair[0], first)
    t.equal(repair.filter(command => command === `systemctl restart ${unitName}`).length, 1)
  }
  t.same(summary(linux({ facts: { source: {} } })), [], 'unless that is not known')
})

void t.test(
  'a hypervisor that keeps the clock is no trouble, unless it was not meant to',
  async t => {
    const actual = 'VM IC Time Synchronization Provider'
    const source = { actual, kind: 'hypervisor', configured: 'ntp1.contoso.com' } as const
    const input = windows({ facts: { source } })
    t.same(summary(input), ['warning source-is-hypervisor'])
    t.match(found(input, 'source-is-hypervisor').why, 'meant to follow ntp1.contoso.com')
    t.same(found(input, 'source-is-hypervisor').repair, [
      VMIC_OFF,
      'w32tm /config /update',
      ...RESYNC,
    ])
    t.equal(found(input, 'source-is-hypervisor').why.split(BY_POLICY).length, 2)
    const stopped = windows({ facts: { source, running: false } })
    t.same(found(stopped, 'source-is-hypervisor').repair, [
      VMIC_OFF,
      'net start w32time',
      ...RESYNC,
    ])
    for (const [settings, configured] of [
      [{ type: 'NoSync' }, 'none'],
      [{ type: 'NT5DS' }, 'domain hierarchy'],
      [{ ntpClientEnabled: false }, 'ntp1.contoso.com'],
    ] as const) {
      const alone = windows({ settings, facts: { source: { ...source, configured } } })
      t.same(summary(alone), ['notice source-is-hypervisor'])
      t.same(found(alone, 'source-is-hypervisor').repair, [])
      t.notMatch(found(alone, 'source-is-hypervisor').why, BY_POLICY)
    }
    t.match(
      found(windows({ facts: { source }, input: { offset: behind(600) } }), 'clock-off').why,
      "virtual machine's host",
    )
  },
)

void t.test(
  'a source other than the configured one is found, where the two can be compared',
  async t => {
    const following = (actual: string, configured: string, name: HostReading['name'] = 'w32time') =>
      summary(
        windows({
          facts: { source: { actual, kind: 'external', configured } },
          settings: { servers: configured.split(' ') },
          reading: name === undefined ? {} : { name },
        }),
      )
    t.same(following('time.windows.com', 'ntp1.contoso.com ntp2.contoso.com'), [
      'warning source-differs',
    ])
    t.same(following('NTP2.contoso.com,0x8', 'ntp1.contoso.com ntp2.contoso.com'), [])
    t.same(following('192.0.2.9', '192.0.2.7 192.0.2.8'), ['warning source-differs'])
    t.same(following('192.0.2.9', 'ntp1.contoso.com'), [], 'a name and an address')
    t.same(following('dc1.contoso.com', 'domain hierarchy'), [])
    t.same(following('192.0.2.9', '192.0.2.7', 'ntpd'), [])
    const cut = { actual: 'ntp9', kind: 'external', configured: 'ntp1 ntp2' } as const
    const listing = (...servers: string[]) =>
      summary(windows({ settings: { servers }, facts: { source: cut } }))
    t.same(listing('ntp1', 'ntp2', 'ntp9'), [], 'what it was told, in words, is cut')
    t.same(listing('ntp1', 'ntp2'), ['warning source-differs'])
    const own = { actual: 'LOCAL', kind: 'own', configured: 'ntp1.contoso.com' } as const
    const input = windows({
      reading: { facts: { running: true, source: own } },
      input: { offset: behind(6) },
    })
    t.same(summary(input), ['warning clock-off', 'warning source-differs'])
  },
)

void t.test('a configuration is taken over by a service that runs', async t => {
  const source = { actual: 'ntp9', kind: 'external', configured: 'ntp1' } as const
  const settings = { servers: ['ntp1'] }
  const repair = (running: boolean) =>
    found(windows({ settings, facts: { source, running } }), 'source-differs').repair
  t.same(repair(true), ['w32tm /config /update', ...RESYNC])
  t.same(repair(false), ['net start w32time', ...RESYNC])
})

void t.test('Secure Time Seeding is mentioned, and how it is switched off', async t => {
  const input = windows({ settings: { secureTimeSeeding: true } })
  t.same(summary(input), ['notice secure-time-seeding'])
  t.same(found(input, 'secure-time-seeding').repair, [
    String.raw`reg add HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Config /v UtilizeSslTimeData /t REG_DWORD /d 0 /f`,
    'w32tm /config /update',
  ])
  t.equal(found(input, 'secure-time-seeding').why.split(BY_POLICY).length, 2)
  const stopped = windows({ settings: { secureTimeSeeding: true }, facts: { running: false } })
  t.equal(found(stopped, 'secure-time-seeding').repair.length, 1)
})
