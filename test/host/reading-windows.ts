import type { HostReading, ToolReason, ToolReport } from '../../src/host/reading.js'
import { type WindowsOptions, readWindows } from '../../src/host/windows.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import {
  type Situation,
  type W32TimeFixture,
  fixtureClock,
  w32timeFixtures,
} from '../protocol/w32time-fixtures.js'
import {
  type FakeTool,
  type FakeTools,
  type Query,
  installFakeTools,
  queries,
  showFixture,
} from './fake-windows-tools.js'

/** A round that is not ended from outside. */
export const never = (): AbortSignal => new AbortController().signal

export const fixtureOf = (situation: Situation): W32TimeFixture => {
  const found = w32timeFixtures.find(f => f.language === 'english' && f.situation === situation)
  if (!found) throw new Error(`no fixture: ${situation}`)
  return found
}

export interface FakeWindows extends FakeTools {
  readonly read: (signal?: AbortSignal, more?: WindowsOptions) => Promise<HostReading>
}

/** Fakes that answer as that server's tools, and the collector on them. */
export const fakeWindows = async (
  { testdir }: { testdir: () => string },
  fixture?: W32TimeFixture,
): Promise<FakeWindows> => {
  const tools = await installFakeTools(testdir())
  if (fixture) await showFixture(tools, fixture)
  return {
    ...tools,
    read: (signal = never(), more = {}) =>
      readWindows({ program: tools.program, clock: () => fixtureClock, ...more })(signal),
  }
}

/** In which the tools are asked. */
export const order: readonly Query[] = ['sc', 'service', 'policy', 'netlogon', 'w32tm']
export const commandLines = (...asked: readonly Query[]): string[][] =>
  asked.map(query => Array.from(queries[query]))
export const toolOf = (query: Query): FakeTool => queries[query][0]

export const fine: readonly ToolReport[] = [
  { tool: 'sc', ok: true },
  { tool: 'reg', ok: true },
  { tool: 'w32tm', ok: true },
]

/** All fine but one; without the words for people. */
export const fineBut = (tool: FakeTool, reason: ToolReason): readonly object[] =>
  fine.map(report => (report.tool === tool ? { tool, ok: false, reason } : report))

export const reasons = (tools: readonly ToolReport[]): readonly object[] =>
  tools.map(report =>
    report.ok ? report : { tool: report.tool, ok: false, reason: report.reason },
  )

/** What is known of a synchronised server. */
export const { expect: whole } = fixtureOf('synchronised')
const { survivesReboot, correctionLimits, source = {}, ...withoutRegistry } = whole
const { configured = '', ...followed } = source
/** What is left of that where a tool tells nothing. */
export const without: Readonly<Record<FakeTool, TimeServiceFacts>> = {
  // A service that answers runs.
  sc: whole,
  reg: { ...withoutRegistry, source: followed },
  w32tm: {
    running: true,
    ...(survivesReboot !== undefined && { survivesReboot }),
    ...(correctionLimits && { correctionLimits }),
    source: { configured },
  },
}
