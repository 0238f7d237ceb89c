import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { PoolTally } from '../src/calls/pool-calls.js'
import type { SourceStatus } from '../src/calls/sources/source.js'
import { joinEnv, requirePeer } from '../test/peers/peer.js'

/** Starts what `npm run bench -- ingest` compares, each in a process of its own. */
const run = promisify(execFile)
const DEADLINE_MS = 300_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

export interface Spent {
  readonly wallSeconds: number
  /** Of all its threads, the system's part included. */
  readonly cpuSeconds: number
}

export interface TraceRun extends Spent {
  readonly peakBytes: number
  readonly status: SourceStatus
  readonly tally: PoolTally
  /** What it logged as a warning or worse. */
  readonly problems: readonly string[]
}

export interface HepRun extends Spent {
  readonly packets: number
  /** On average. */
  readonly bytesEach: number
  readonly isRight: boolean
}

/** Our scripts need no loader, whose memory and time would be counted as theirs. */
const ourScript = async (script: string, argument: string): Promise<unknown> => {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const { stdout } = await run(process.execPath, [file, argument], { timeout: DEADLINE_MS })
  return JSON.parse(stdout)
}

export const runTrace = async (path: string): Promise<TraceRun> =>
  (await ourScript('ingest-trace.js', path)) as TraceRun

export const runHep = async (decoder: 'ours' | 'hep-js'): Promise<HepRun> =>
  (await ourScript('ingest-hep.js', decoder)) as HepRun

/** A program's output and what it took, as the shell's `times` tells (POSIX): its second line is of children. */
const timed = async (
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Spent & { readonly stdout: string }> => {
  const script = '"$0" "$@"; status=$?; times; exit $status'
  const began = performance.now()
  const { stdout } = await run('sh', ['-c', script, command, ...args], {
    timeout: DEADLINE_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { ...process.env, LC_ALL: 'C', ...joinEnv(env) },
  })
  const wallSeconds = (performance.now() - began) / 1000
  const spent = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout) ?? []
  const [, userMinutes, user, systemMinutes, system] = spent.map(Number)
  const minutes = (userMinutes ?? 0) + (systemMinutes ?? 0)
  return { wallSeconds, cpuSeconds: 60 * minutes + (user ?? 0) + (system ?? 0), stdout }
}

/** How many lines begin a record, and what finding them took. */
export const runGrep = async (path: string): Promise<Spent & { readonly records: number }> => {
  const { stdout, ...spent } = await timed('grep', ['-c', '\\$\\$begin_record', path])
  return { ...spent, records: Number.parseInt(stdout, 10) }
}

export const runMtail = async (path: string): Promise<Spent & { readonly records: number }> => {
  const { path: command, env } = requirePeer('mtail')
  const program = fileURLToPath(new URL('ingest.mtail', import.meta.url))
  const args = ['--one_shot', '--progs', program, '--logs', path, '--address', '127.0.0.1']
  const { stdout, ...spent } = await timed(command, [...args, '--port', '0'], env)
  const [, records] = /"Name": "records",[^]*?"Value": (\d+)/.exec(stdout) ?? []
  return { ...spent, records: Number(records) }
}

/** The first bytes of a file in one of its own. The last line may be cut. */
export const copyPrefix = async (from: string, to: string, bytes: number): Promise<void> => {
  await pipeline(createReadStream(from, { end: bytes - 1 }), createWriteStream(to))
}

/** So that the page cache has the file for whoever reads it first. */
export const readOnce = async (path: string): Promise<void> => {
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) void chunk
}
