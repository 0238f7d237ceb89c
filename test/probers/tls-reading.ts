import type { Test } from 'tap'
import { type Module, builtInModules } from '../../src/config/modules.js'
import { nodePlatform } from '../../src/net/node-platform.js'
import type { Platform } from '../../src/net/platform.js'
import type { ProbeReading, ProbeResult } from '../../src/probers/prober.js'
import { tls } from '../../src/probers/tls.js'
import { minus } from '../../src/time/interval.js'
import { readWall } from '../../src/time/tick.js'
import { until } from '../peers/wait.js'
import { certificateWith, time } from '../protocol/x509-bytes.js'

const moduleWith = (options: Partial<Module<'tls'>>): Module<'tls'> => {
  const module = builtInModules().find((one): one is Module<'tls'> => one.kind === 'tls')
  if (!module) throw new Error('no module for tls')
  return { ...module, ...options }
}

/** A session on a real network, whose connections are counted. */
export const open = (t: Test, options: Partial<Module<'tls'>>, host = '127.0.0.1') => {
  const real = nodePlatform()
  const lines: string[] = []
  let hellos = 0
  const platform: Platform = { ...real, connect: call => (hellos++, real.connect(call)) }
  const trace = (line: string): void => void lines.push(line)
  const session = tls.open(platform, { host, module: moduleWith(options), trace })
  t.teardown(() => session.close())
  const read = (): Promise<ProbeResult> => session.read(new AbortController().signal)
  return { read, hellos: () => hellos, lines, clock: real.clock }
}

/** The server's clock − this machine's, which is known to less than a microsecond. */
export const shiftOf = ({ interval }: ProbeReading, clock: Platform['clock']) =>
  minus(interval, readWall(clock).offset)

export const DER = certificateWith(time.utc('260101000000Z'), time.utc('270101000000Z'))
export const DER_VALIDITY = { notBefore: 1_767_225_600, notAfter: 1_798_761_600 }

/** Until one succeeds: three stamps and a turn of the second may not fit into the first. */
export const firstReading = (read: () => Promise<ProbeResult>) =>
  until(
    async () => {
      const result = await read()
      return result.ok && result
    },
    { what: 'a reading', timeoutMs: 30_000 },
  )

/** A ClientHello in its record, and what the client said behind it. */
export const parted = (said: Uint8Array): readonly [hello: Buffer, behind: Buffer] => {
  const bytes = Buffer.from(said)
  const end = 5 + bytes.readUInt16BE(3)
  return [bytes.subarray(0, end), bytes.subarray(end)]
}
