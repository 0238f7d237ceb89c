import t from 'tap'
import type { HostReading } from '../../src/host/reading.js'
import { behind, windows, linux, unit, summary, found, RESYNC } from './machines.js'

void t.test('a service without anything to follow is told what to follow', async t => {
  const configure = [
    'w32tm /config /manualpeerlist:"NTP-SERVER-1 NTP-SERVER-2" /syncfromflags:manual /update',
    ...RESYNC,
  ]
  for (const [settings, repair, why] of [
    [{ type: 'NoSync' }, configure, 'NoSync'],
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
    const stopped = windows({ settings, facts: { running: false } })
    t.same(found(stopped, 'service-stopped').repair, ['net start w32time', ...repair])
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
    t.ok(repair.includes(`systemctl restart ${unitName}`))
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
      String.raw`reg add HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\VMICTimeProvider /v Enabled /t REG_DWORD /d 0 /f`,
      'w32tm /config /update',
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
    const own = { actual: 'LOCAL', kind: 'own', configured: 'ntp1.contoso.com' } as const
    const input = windows({
      reading: { facts: { running: true, source: own } },
      input: { offset: behind(6) },
    })
    t.same(summary(input), ['warning clock-off', 'warning source-differs'])
  },
)

void t.test('Secure Time Seeding is mentioned, and how it is switched off', async t => {
  const input = windows({ settings: { secureTimeSeeding: true } })
  t.same(summary(input), ['notice secure-time-seeding'])
  t.same(found(input, 'secure-time-seeding').repair, [
    String.raw`reg add HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Config /v UtilizeSslTimeData /t REG_DWORD /d 0 /f`,
    'w32tm /config /update',
  ])
})
