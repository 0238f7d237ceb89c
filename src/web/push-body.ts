import { type Hash, createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { codeOf, detailOf } from '../calls/store/error.js'

/** Without a byte for so long the sender is taken to be gone. */
const STALL_MS = 30_000
/** The slowest line that a push of the greatest size may come over; about 1 Mbit/s. */
const LEAST_BYTES_A_SECOND = 128 * 1024
const CHUNK_BYTES = 64 * 1024

/**
 * Why a body was not received; whatever of it is in the file means nothing.
 * - `too_large`: more than allowed came, or would come out of it
 * - `encoding`: it is no gzip, or not all of one
 * - `late`: it stood still, or came too slowly
 * - `gone`: the sender went away
 * - `ended`: we were told to stop
 * - `storage`: it could not be written
 */
export type Unreceived = 'too_large' | 'encoding' | 'late' | 'gone' | 'ended' | 'storage'

/** `hash` is the SHA-256 of the text, in hex; `bytes` its length. */
export type Received =
  { readonly ok: true; readonly hash: string; readonly bytes: number } | Failure

type Failure = { readonly ok: false; readonly reason: Unreceived; readonly detail: string }

export interface Limits {
  readonly gzip: boolean
  /** Of what is sent, and of the text in it: a few kilobytes of gzip can hold gigabytes. */
  readonly maxBytes: number
  /** Aborted when the exporter stops. */
  readonly signal: AbortSignal
}

/** Ends a stream for a reason of ours. */
class Stopped extends Error {
  override readonly name = 'Stopped'
  readonly reason: Unreceived

  constructor(reason: Unreceived) {
    super(reason)
    this.reason = reason
  }
}

/**
 * Writes the text of a body to a new file, a chunk at a time. The body itself is left as it is, so that its
 * sender can be answered: `pipeline` would destroy it, and the connection with it.
 */
export const receive = async (
  body: IncomingMessage,
  path: string,
  { gzip, maxBytes, signal }: Limits,
  stallMs = STALL_MS,
): Promise<Received> => {
  let received = 0
  const text = { hash: createHash('sha256'), bytes: 0 }
  const opened = await opening(path)
  if ('reason' in opened) return opened
  const arriving = passing(chunk => {
    received += chunk.length
    watch.stir()
    return received <= maxBytes
  })
  const watch = watched(body, arriving, signal, {
    stallMs,
    wholeMs: stallMs + (1000 * maxBytes) / LEAST_BYTES_A_SECOND,
  })
  const decoded = passing(chunk => tally(text, chunk) <= maxBytes)
  try {
    body.pipe(arriving)
    const decoders = gzip ? [createGunzip({ chunkSize: CHUNK_BYTES })] : []
    await pipeline([arriving, ...decoders, decoded, opened.createWriteStream()])
  } catch (error) {
    return failed(error)
  } finally {
    body.unpipe(arriving)
    watch.end()
  }
  // To Node's gunzip nothing at all is a whole one.
  if (gzip && received === 0) return { ok: false, reason: 'encoding', detail: 'nothing came' }
  return { ok: true, hash: text.hash.digest('hex'), bytes: text.bytes }
}

const opening = async (path: string): Promise<FileHandle | Failure> => {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    return failed(error)
  }
}

const tally = (text: { readonly hash: Hash; bytes: number }, chunk: Buffer): number => {
  text.hash.update(chunk)
  return (text.bytes += chunk.length)
}

/** Lets pass what `fits` says fits. */
const passing = (fits: (chunk: Buffer) => boolean): Transform =>
  new Transform({
    highWaterMark: CHUNK_BYTES,
    transform: (chunk: Buffer, _encoding, done) => {
      if (fits(chunk)) done(null, chunk)
      else done(new Stopped('too_large'))
    },
  })

/** Stops the stream when its body cannot come to its end any more, or not in time. */
const watched = (
  body: IncomingMessage,
  arriving: Readable,
  signal: AbortSignal,
  { stallMs, wholeMs }: { readonly stallMs: number; readonly wholeMs: number },
) => {
  const stop = (reason: Unreceived): void => void arriving.destroy(new Stopped(reason))
  const gone = (): void => {
    if (!body.readableEnded) stop('gone')
  }
  const ended = (): void => stop('ended')
  const timers = [setTimeout(stop, stallMs, 'late'), setTimeout(stop, wholeMs, 'late')]
  body.once('error', gone).once('close', gone)
  body.once('end', () => timers.forEach(clearTimeout))
  signal.addEventListener('abort', ended)
  if (body.destroyed) gone()
  if (signal.aborted) ended()
  return {
    stir: (): void => {
      // A chunk may come through after the end of the body, and would bring the timer back to life.
      if (!body.readableEnded) timers[0]?.refresh()
    },
    end: (): void => {
      timers.forEach(clearTimeout)
      body.off('error', gone).off('close', gone)
      signal.removeEventListener('abort', ended)
    },
  }
}

const failed = (error: unknown): Failure => {
  const detail = detailOf(error)
  if (error instanceof Stopped) return { ok: false, reason: error.reason, detail }
  const code = codeOf(error)
  if (code.startsWith('Z_')) return { ok: false, reason: 'encoding', detail }
  // Other errors without a code of the system are bugs.
  if (!/^E[A-Z0-9]+$/.test(code)) throw error
  return { ok: false, reason: 'storage', detail }
}
