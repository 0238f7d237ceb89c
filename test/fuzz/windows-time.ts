import { decodeConsole } from '../../src/protocol/console-text.js'
import { parseRegQuery } from '../../src/protocol/reg-query.js'
import { parseScQuery } from '../../src/protocol/sc-query.js'
import { w32timeSettings } from '../../src/protocol/w32time-settings.js'
import { survivalProblem, survives, w32timeFacts } from '../../src/protocol/w32time.js'
import { isServiceNotStarted, parseW32tmStatus } from '../../src/protocol/w32tm.js'
import { canEncode, consoleBytes, consoleEncodings } from '../host/console-bytes.js'
import { fixtureClock, w32timeFixtures } from '../protocol/w32time-fixtures.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

/** As bytes of every console that has its characters. */
const encoded = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts)].flatMap(text =>
    consoleEncodings
      .filter(encoding => canEncode(text, encoding))
      .map(encoding => consoleBytes(text, encoding).toString('latin1')),
  )

const textOf = (input: string): string => decodeConsole(Buffer.from(input, 'latin1'))

const isShown = (name: string | undefined): boolean =>
  name === undefined || /^[ -~]{1,200}$/.test(name)

const readStatus = (input: string): void => {
  const text = textOf(input)
  isServiceNotStarted(text)
  const status = parseW32tmStatus(text)
  if (!status) return
  const facts = w32timeFacts({ status, clock: fixtureClock })
  const { leap = -1, stratum = -1, synchronized, synchronizedSinceBoot, source } = facts
  check(leap >= 0 && leap <= 3 && stratum >= 0 && stratum <= 16, `leap ${leap}, stratum ${stratum}`)
  check(!synchronized || (leap < 3 && stratum > 0 && stratum < 16), 'synchronised by nothing')
  check(!synchronized || source?.kind !== 'own', 'synchronised by itself')
  check(!(synchronized && synchronizedSinceBoot === false), 'synchronised, and never was')
  check(synchronizedSinceBoot !== false || status.lastSync === undefined, 'a stamp, and never was')
  check(isShown(source?.actual), 'a source that cannot be shown')
  check(Number.isFinite(facts.lastSyncTimestamp ?? 0), 'no time')
  check(Number.isFinite(facts.lastSyncError ?? 0), 'no error number')
}

const readRegistry = (input: string): void => {
  const keys = parseRegQuery(textOf(input))
  const settings = w32timeSettings({ service: keys, policy: keys, netlogon: keys })
  const problem = survivalProblem(settings)
  check((survives(settings) === false) === (problem !== undefined), 'a problem, and none')
  const { ahead, back } = settings.correctionLimits ?? { ahead: 0, back: 0 }
  check(ahead >= 0 && back >= 0, 'a negative limit')
  check(isShown(w32timeFacts({ settings, clock: fixtureClock }).source?.configured), 'a long list')
}

const registryTexts = w32timeFixtures.flatMap(({ reg }) =>
  [reg.service, reg.policy, reg.netlogon].flatMap(printed => printed?.text ?? []),
)

/** What the tools of Windows print on its time service. */
export const windowsTimeKinds: Readonly<Record<string, Kind>> = {
  w32tm: { valid: encoded(w32timeFixtures.map(({ w32tm }) => w32tm.text)), run: readStatus },
  sc: {
    valid: encoded(w32timeFixtures.map(({ sc }) => sc.text)),
    run: input => {
      const found = parseScQuery(textOf(input))
      if (!found) return
      check(found.state >= 1 && found.state <= 7, `state ${found.state}`)
      check(found.win32ExitCode >= 0 && found.win32ExitCode < 2 ** 32, 'not an exit code')
    },
  },
  reg: { valid: encoded(registryTexts), run: readRegistry },
}
