import { type Language, languages } from './w32time-fixtures-languages.js'

/** What W32Time has to say, without a language. */
export interface W32TimeState {
  readonly leap: 0 | 3
  readonly stratum: number
  readonly referenceId: number
  /** In seconds of Unix time. */
  readonly lastSync?: number
  readonly source: string
  readonly stateMachine: 0 | 1 | 2
  readonly lastSyncError: number
  readonly age: string
}

/** How it is printed. */
export interface Printing {
  readonly decimalComma?: boolean
  /** Lines are wrapped at spaces so as to have no more than that many characters. */
  readonly width?: number
}

const CRLF = '\r\n'
/** The fixtures' time zone is two hours ahead of UTC. */
const ZONE_SECONDS = 7200

export const toUnix = (local: {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}): number =>
  Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second) / 1000 -
  ZONE_SECONDS

const wrap = (line: string, width: number): string => {
  const lines: string[] = []
  for (let rest = line; ;) {
    const at = rest.length > width ? rest.slice(0, width + 1).lastIndexOf(' ') : -1
    if (at <= 0) return [...lines, rest].join('\n')
    lines.push(rest.slice(0, at))
    rest = rest.slice(at + 1)
  }
}

const stampOf = (language: Language, unix: number): string => {
  const iso = new Date((unix + ZONE_SECONDS) * 1000).toISOString()
  const [y = '', m = '', d = ''] = iso.slice(0, 10).split('-')
  return languages[language].stamp([y, m, d], Number(iso.slice(11, 13)), iso.slice(14, 19))
}

const addressOf = (id: number): string =>
  [24, 16, 8, 0].map(shift => (id >>> shift) & 0xff).join('.')

/** `w32tm /query /status /verbose`, or its first half. */
export const w32tmText = (
  language: Language,
  state: W32TimeState,
  { decimalComma = false, width = Infinity }: Printing = {},
): string => {
  const words = languages[language]
  const number = (text: string): string => (decimalComma ? text.replace('.', ',') : text)
  const { leap, stratum, referenceId, lastSync, source, stateMachine, lastSyncError, age } = state
  const strata = [words.stratum.none, words.stratum.primary]
  const id = referenceId.toString(16).toUpperCase().padStart(8, '0')
  const of = referenceId === 0 ? words.unspecified : `${words.sourceIp}${addressOf(referenceId)}`
  const values = [
    leap === 3 ? words.leap.unsynchronised : words.leap.none,
    `${stratum} (${strata[stratum] ?? words.stratum.secondary})`,
    `-23 (${number('119.209ns')} ${words.perTick})`,
    number('0.0340500s'),
    number('7.7765868s'),
    `0x${id} (${of})`,
    lastSync === undefined ? words.unspecified : stampOf(language, lastSync),
    source,
    '10 (1024s)',
    number('-0.0006533s'),
    number('0.0156250s'),
    `${stateMachine} (${words.states[stateMachine]})`,
    `0 (${words.none})`,
    `0 (${words.none})`,
    `${lastSyncError} (${words.errors[lastSyncError] ?? words.none})`,
    number(`${age}s`),
  ]
  const lines = words.labels.map((label, i) => wrap(`${label}${values[i]}`, width))
  return [...lines.slice(0, 9), '', ...lines.slice(9), ''].join('\n').replaceAll('\n', CRLF)
}

export const notStartedText = (language: Language): string =>
  `${languages[language].notStarted}${CRLF}`

/** `sc query w32time` */
export const scText = (state: 1 | 4, win32ExitCode: number): string =>
  [
    '',
    'SERVICE_NAME: w32time',
    '        TYPE               : 30  WIN32',
    ...(state === 4
      ? [
          '        STATE              : 4  RUNNING',
          '                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)',
        ]
      : ['        STATE              : 1  STOPPED']),
    `        WIN32_EXIT_CODE    : ${win32ExitCode}  (0x${win32ExitCode.toString(16)})`,
    '        SERVICE_EXIT_CODE  : 0  (0x0)',
    '        CHECKPOINT         : 0x0',
    '        WAIT_HINT          : 0x0',
    '',
  ].join(CRLF)

/** A key's values: name, type, data. */
export type Values = readonly (readonly [string, string, string])[]

/** `reg query ROOT /s`; by the keys below the root, '' for itself. */
export const regText = (root: string, keys: Readonly<Record<string, Values>>): string =>
  Object.entries(keys)
    .flatMap(([key, values]) =>
      ['', `HKEY_LOCAL_MACHINE\\${root}${key && `\\${key}`}`].concat(
        values.map(([name, type, data]) => `    ${name}    ${type}    ${data}`),
      ),
    )
    .concat('', '')
    .join(CRLF)

const dword = (name: string, number: number): Values[number] => [
  name,
  'REG_DWORD',
  `0x${number.toString(16)}`,
]

const trigger = (type: number, action: number, guid: string): Values => [
  dword('Type', type),
  dword('Action', action),
  ['GUID', 'REG_BINARY', guid],
]

/** As they are in the registry: the first three parts of a GUID are little-endian. */
export const triggers = {
  none: [],
  domain: [
    trigger(3, 1, 'BA0AE21C5198214494301DDEB766E809'),
    trigger(3, 2, '6E51AFDDC25866489574C3B615D42EA1'),
  ],
  network: [
    trigger(2, 1, 'DEF2274FE2140B43A5497CD48CBC8245'),
    trigger(2, 2, '2AA64BCC2E164846847AB6BDF993E335'),
  ],
} as const satisfies Readonly<Record<string, readonly Values[]>>

export interface Settings {
  readonly start: 2 | 3 | 4
  readonly triggers: keyof typeof triggers
  readonly type: string
  readonly servers: string
  readonly limits: readonly [ahead: number, back: number]
}

const SERVICE = 'SYSTEM\\CurrentControlSet\\Services\\W32Time'

/** `reg query HKLM\SYSTEM\CurrentControlSet\Services\W32Time /s`, shortened. */
export const serviceRegText = (settings: Settings): string =>
  regText(SERVICE, {
    '': [
      ['DisplayName', 'REG_SZ', '@%SystemRoot%\\system32\\w32time.dll,-200'],
      ['ImagePath', 'REG_EXPAND_SZ', '%SystemRoot%\\system32\\svchost.exe -k LocalService'],
      ['RequiredPrivileges', 'REG_MULTI_SZ', 'SeAuditPrivilege\\0SeSystemTimePrivilege'],
      dword('Start', settings.start),
      dword('Type', 0x20),
    ],
    Config: [
      dword('MaxPosPhaseCorrection', settings.limits[0]),
      dword('MaxNegPhaseCorrection', settings.limits[1]),
      dword('UtilizeSslTimeData', 1),
    ],
    Parameters: [
      ['NtpServer', 'REG_SZ', settings.servers],
      ['ServiceDll', 'REG_EXPAND_SZ', '%systemroot%\\system32\\w32time.dll'],
      ['Type', 'REG_SZ', settings.type],
    ],
    TimeProviders: [],
    'TimeProviders\\NtpClient': [dword('Enabled', 1), dword('InputProvider', 1)],
    'TimeProviders\\NtpServer': [dword('Enabled', 0), dword('InputProvider', 0)],
    'TimeProviders\\VMICTimeProvider': [dword('Enabled', 1), dword('InputProvider', 1)],
    'TimeProviders\\VMICTimeProvider\\Parameters': [],
    ...(settings.triggers !== 'none' && { TriggerInfo: [] }),
    ...Object.fromEntries(
      triggers[settings.triggers].map((values, i) => [`TriggerInfo\\${i}`, values]),
    ),
  })

/** `reg query HKLM\SOFTWARE\Policies\Microsoft\W32Time /s` */
export const policyRegText = (
  type: string,
  servers: string,
  [ahead, back]: readonly [ahead: number, back: number],
): string =>
  regText('SOFTWARE\\Policies\\Microsoft\\W32Time', {
    '': [],
    Config: [dword('MaxNegPhaseCorrection', back), dword('MaxPosPhaseCorrection', ahead)],
    Parameters: [
      ['NtpServer', 'REG_SZ', servers],
      ['Type', 'REG_SZ', type],
    ],
  })

/** `reg query HKLM\SYSTEM\CurrentControlSet\Services\Netlogon /v Start` */
export const netlogonRegText = (start: number): string =>
  regText('SYSTEM\\CurrentControlSet\\Services\\Netlogon', { '': [dword('Start', start)] })
