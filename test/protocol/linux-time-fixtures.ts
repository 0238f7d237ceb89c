/** What `chronyc -c -n -m tracking activity sources` printed, asked of a real chronyd 4.3 in each state. */
export const CHRONYC = {
  synchronised: `7F000001,127.0.0.1,4,1795385489.210138645,-0.000002993,-0.000002549,0.000002474,0.517,-0.082,16.966,0.000008731,0.000015608,0.3,Normal
1,0,0,0,0
^,*,127.0.0.1,3,-2,77,1,-0.000000313,-0.000002862,0.000004428
`,
  /** Its only server is gone; it keeps what it had. */
  coasting: `7F000001,127.0.0.1,4,1795385582.025593645,-0.000001742,0.000000007,0.000000210,0.009,0.002,0.208,0.000006335,0.000013910,0.3,Normal
1,0,0,0,0
^,?,127.0.0.1,3,0,0,11,0.000000131,0.000000138,0.000003226
`,
  neverSynchronised: `00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised
1,0,0,0,0
^,?,127.0.0.1,0,0,0,4294967295,0.000000000,0.000000000,0.000000000
`,
  /** Two servers contradict each other, after one alone was followed. */
  noMajority: `00000000,,0,0.000000000,-0.000002849,0.000000005,0.000001223,0.261,0.000,0.000,1.000000000,1.000000000,0.3,Not synchronised
2,0,0,0,0
^,x,127.0.0.1,3,-2,377,0,-0.000000869,-0.000000869,0.000003218
^,x,127.0.0.2,3,-2,377,0,-90.000015259,-90.000015259,0.000022508
`,
  /** `local stratum 10`, and a server that never answered. */
  ownClock: `7F7F0101,,10,1795385488.273599733,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal
1,0,0,0,0
^,?,127.0.0.1,0,0,0,4294967295,0.000000000,0.000000000,0.000000000
`,
  /** The same after its server was lost. */
  ownClockNow: `7F7F0101,,10,1795385587.411232316,-0.000001655,-0.000000566,0.000000595,0.006,0.000,0.000,0.000000000,0.000000000,0.3,Normal
1,0,0,0,0
^,?,127.0.0.1,3,0,0,7,0.000000792,0.000000226,0.000004060
`,
  noServers: `00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised
0,0,0,0,0
`,
  /** The name of its only server has no address yet. */
  unresolved: `00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised
0,0,0,0,1
`,
} as const

const NTPQ_HEADING = `     remote           refid      st t when poll reach   delay   offset   jitter
===============================================================================
`

/** What `ntpq -n -w -c rv -c peers` prints: NTPsec 1.2.2's, as asked of it, and the classic one's layout. */
export const NTPQ = {
  /** With `disable ntp`: it has a source, and does not set the clock. */
  undisciplined: `associd=0 status=c016 leap_alarm, sync_unspec, 1 event, restart,
leap=11, stratum=4, precision=-23, rootdelay=0.061, rootdisp=437.562,
refid=127.0.0.8, reftime=eeade8a4.230172a8 2026-11-22T22:18:12.136Z, tc=0,
peer=17767, offset=0.0, frequency=0.0, sys_jitter=0.0, clk_jitter=0.000119,
clock=eeade8a5.cc58a0c8 2026-11-22T22:18:13.798Z, processor="x86_64",
system="Linux/6.18.44-fc-v595", version="ntpd ntpsec-1.2.2", clk_wander=0.0,
mintc=0
${NTPQ_HEADING}*127.0.0.8       127.127.1.1      3 8    1    1    1   0.0612   0.0223   0.0029
`,
  neverSynchronised: `associd=0 status=c016 leap_alarm, sync_unspec, 1 event, restart,
leap=11, stratum=16, precision=-24, rootdelay=0.0, rootdisp=0.045,
refid=INIT, reftime=00000000.00000000 2036-02-07T06:28:16.000Z, tc=0, peer=0,
offset=0.0, frequency=0.0, sys_jitter=0.0, clk_jitter=6e-05,
clock=eeade935.c183e20c 2026-11-22T22:20:37.755Z, processor="x86_64",
system="Linux/6.18.44-fc-v595", version="ntpd ntpsec-1.2.2", clk_wander=0.0,
mintc=0
${NTPQ_HEADING} LOCAL(0)        .LOCL.          10 l    2   64    1   0.0000   0.0000   0.0000
 2001:db8:1234:5678:9abc:def0:1234:5678
                 .INIT.          16 u    -   64    0   0.0000   0.0000   0.0001
 fe80::1         .INIT.          16 u    -   64    0   0.0000   0.0000   0.0001
 nosuch.pool.invalid
                 .POOL.          16 p    -   68m   0   0.0000   0.0000   0.0001
 nosuch.invalid  .DNS.           16 u    -   64    0   0.0000   0.0000   0.0001
`,
  /** The undisciplined clock's driver, and nothing else. */
  ownClock: `associd=0 status=0514 leap_none, sync_local, 1 event, freq_mode,
leap=00, stratum=11, precision=-23, rootdelay=0.0, rootdisp=197.542,
refid=127.127.1.0, reftime=eeade96f.730100b1 2026-11-22T22:21:35.449Z, tc=1,
peer=17767, offset=0.0, frequency=0.0, sys_jitter=0.0, clk_jitter=0.000119,
clock=eeade970.88947b9b 2026-11-22T22:21:36.533Z, processor="x86_64",
system="Linux/6.18.44-fc-v595", version="ntpd ntpsec-1.2.2", clk_wander=0.0,
mintc=0
${NTPQ_HEADING}*LOCAL(0)        .LOCL.          10 l    1    2   77   0.0000   0.0000   0.0000
`,
  /** `tos orphan 5`, and no server. */
  orphan: `associd=0 status=0016 leap_none, sync_unspec, 1 event, restart,
leap=00, stratum=5, precision=-23, rootdelay=0.0, rootdisp=0.0,
refid=127.0.0.1, reftime=00000000.00000000 2036-02-07T06:28:16.000Z, tc=0,
peer=0, offset=0.0, frequency=0.0, sys_jitter=0.0, clk_jitter=0.000119,
clock=eeade944.c8b30e70 2026-11-22T22:20:52.783Z, processor="x86_64",
system="Linux/6.18.44-fc-v595", version="ntpd ntpsec-1.2.2", clk_wander=0.0,
mintc=0
server=localhost No association IDs returned
`,
  /** The classic one: other variables first, other dates, and a name that fits its column. */
  classic: `associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,
version="ntpd 4.2.8p15@1.3728-o leap=11, (1)", processor="x86_64",
system="Linux/5.10.0-9-amd64", leap=00, stratum=3, precision=-24,
rootdelay=9.317, rootdisp=21.422, refid=192.0.2.10,
reftime=e8f48bd1.80000000  Tue, Nov  7 2023 10:11:29.500,
clock=e8f48c10.3c1d2b8a  Tue, Nov  7 2023 10:12:32.234, peer=44371, tc=10,
mintc=3, offset=-0.204122, frequency=-9.114, sys_jitter=0.182733,
clk_jitter=0.210, clk_wander=0.014
     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
*192.0.2.10      198.51.100.7     2 u  312 1024  377    9.317   -0.204   0.183
+2001:db8:abcd:ef01:2345:6789:abcd:ef01
                 203.0.113.5      2 u   1h 1024  377   11.020    0.118   0.301
`,
} as const

/** systemd 252 in UTC; NTPMessage is not there without an answer. */
const TIMESYNC_HEAD = `LinkNTPServers=
SystemNTPServers=ntp1.contoso.com ntp2.contoso.com
FallbackNTPServers=0.debian.pool.ntp.org 1.debian.pool.ntp.org
ServerName=ntp1.contoso.com
`
const TIMESYNC_LIMITS = `RootDistanceMaxUSec=5s
PollIntervalMinUSec=32s
PollIntervalMaxUSec=34min 8s
PollIntervalUSec=34min 8s
`
const MESSAGE_HEAD =
  'NTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, Precision=-25, RootDelay=6.469ms, RootDispersion=244us, Reference=1D586304, OriginateTimestamp=Sun 2026-09-20 16:14:41 UTC, ReceiveTimestamp=Sun 2026-09-20 16:14:41 UTC, TransmitTimestamp=Sun 2026-09-20 16:14:41 UTC, DestinationTimestamp=Sun 2026-09-20 16:14:41 UTC, '

export const TIMESYNC = {
  answered: `${TIMESYNC_HEAD}ServerAddress=192.0.2.10
${TIMESYNC_LIMITS}${MESSAGE_HEAD}Ignored=no PacketCount=7, Jitter=12.266ms }
Frequency=-830139
`,
  /** As newer ones write it. */
  answeredComma: `${TIMESYNC_HEAD}ServerAddress=192.0.2.10
${TIMESYNC_LIMITS}${MESSAGE_HEAD}Ignored=no, PacketCount=7, Jitter=12.266ms }
Frequency=-830139
`,
  ignored: `${TIMESYNC_HEAD}ServerAddress=192.0.2.10
${TIMESYNC_LIMITS}${MESSAGE_HEAD}Ignored=yes PacketCount=3, Jitter=1h 2min }
Frequency=0
`,
  unanswered: `${TIMESYNC_HEAD}ServerAddress=192.0.2.10
${TIMESYNC_LIMITS}Frequency=0
`,
  fallback: `LinkNTPServers=
SystemNTPServers=
FallbackNTPServers=0.debian.pool.ntp.org 1.debian.pool.ntp.org
ServerName=
${TIMESYNC_LIMITS}Frequency=0
`,
} as const

export const timedatectlShow = (synchronised: 'yes' | 'no'): string =>
  `Timezone=Europe/Berlin
LocalRTC=no
CanNTP=yes
NTP=yes
NTPSynchronized=${synchronised}
TimeUSec=Sun 2026-09-20 16:15:28 UTC
RTCTimeUSec=Sun 2026-09-20 16:15:28 UTC
`

/** A block of `systemctl show`; its properties come in systemd's order, not in that in which they are asked for. */
export const unitBlock = (
  id: string,
  {
    load = 'loaded',
    active = 'active',
    sub = 'running',
    file = 'enabled',
    entered = '5123456',
    condition = 'yes',
    tried = '5123000',
  } = {},
): string => `Id=${id}
LoadState=${load}
ActiveState=${active}
SubState=${sub}
UnitFileState=${file}
ActiveEnterTimestampMonotonic=${entered}
ConditionResult=${condition}
ConditionTimestampMonotonic=${tried}
`

export const notFound = (id: string): string =>
  unitBlock(id, {
    load: 'not-found',
    active: 'inactive',
    sub: 'dead',
    file: '',
    entered: '0',
    condition: 'no',
    tried: '0',
  })

/** What systemctl prints for all the names, with the given blocks in the place of those that are there. */
export const systemctlShow = (units: Readonly<Record<string, string>>): string =>
  [
    'chrony.service',
    'chronyd.service',
    'chronyd-restricted.service',
    'ntpsec.service',
    'ntp.service',
    'ntpd.service',
    'systemd-timesyncd.service',
  ]
    .map(id => units[id] ?? notFound(id))
    .join('\n')
