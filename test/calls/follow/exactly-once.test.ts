import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import type { SavedFile } from '../../../src/calls/follow/saved.js'
import { temporaryFolder } from '../../peers/scope.js'
import { Following } from './following.js'

/** What a file holds from one emptying to the next, wherever it is renamed or copied to. */
type Content = { lines: string[]; path: string; seenAt: number }
type Saved = { saved: readonly SavedFile[]; got: string[]; step: number }

/** Writers that rotate in all ways, and what may be missing in the end: only what nobody could read. */
class World {
  readonly following: Following
  readonly contents: Content[] = []
  readonly unreadable = new Set<string>()
  readonly #folder: string
  readonly #writing = new Map<number, Content>()
  #saves: Saved[] = []
  #step = 0
  #lines = 0
  #rotations = 0

  constructor(folder: string, following: Following) {
    this.#folder = folder
    this.following = following
  }

  async does([op, which, much]: readonly [string, number, number]): Promise<void> {
    this.#step++
    if (op === 'append') this.#append(which, much)
    if (op === 'rename') this.#rename(which, much % 2 === 0)
    if (op === 'copy') this.#copyAndTruncate(which, much % 2 === 0)
    if (op === 'rewrite') this.#rewrite(which, much)
    if (op === 'delete') this.#delete(which)
    if (op === 'round') await this.round(1 + which, much * 100)
    if (op === 'wait') await this.round(30 * which, 1000)
    if (op === 'save') this.#save()
    if (op === 'restart') await this.#restart(which)
  }

  async round(passSeconds: number, budget: number): Promise<void> {
    this.following.pass(passSeconds)
    await this.following.follower.round(budget)
    if (passSeconds < 5) return
    for (const content of this.contents) {
      if (content.lines.length > 0) content.seenAt = Math.min(content.seenAt, this.#step)
    }
  }

  #append(writer: number, count: number): Content {
    const content = this.#writing.get(writer) ?? {
      lines: [],
      path: join(this.#folder, `${writer}.log`),
      seenAt: Infinity,
    }
    this.#writing.set(writer, content)
    if (!this.contents.includes(content)) this.contents.push(content)
    appendFileSync(content.path, '')
    for (let i = 0; i < count; i++) {
      const line = `${++this.#lines} ${'x'.repeat(70 + (this.#lines % 7) * 20)}`
      content.lines.push(line)
      appendFileSync(content.path, `${line}\n`)
    }
    // Stamps finer than the system's: what is too quick for them has a test of its own.
    utimesSync(content.path, 1000, 1000 + this.#step)
    return content
  }

  #rotated(writer: number, matched: boolean): string {
    return join(this.#folder, `${writer}.${++this.#rotations}.${matched ? 'log' : 'old'}`)
  }

  #rename(writer: number, matched: boolean): void {
    const content = this.#append(writer, 1)
    this.#writing.delete(writer)
    const to = this.#rotated(writer, matched)
    renameSync(content.path, to)
    content.path = to
    this.#hidden(content)
  }

  #copyAndTruncate(writer: number, matched: boolean): void {
    const content = this.#append(writer, 1)
    this.#writing.delete(writer)
    const to = this.#rotated(writer, matched)
    copyFileSync(content.path, to)
    utimesSync(to, 1000, 1000 + this.#step)
    writeFileSync(content.path, '')
    content.path = to
    this.#hidden(content)
  }

  #rewrite(writer: number, count: number): void {
    const content = this.#append(writer, 0)
    this.#writing.delete(writer)
    for (const line of content.lines) this.unreadable.add(line)
    this.contents.splice(this.contents.indexOf(content), 1)
    writeFileSync(content.path, '')
    this.#append(writer, count)
  }

  #delete(writer: number): void {
    const content = this.#writing.get(writer)
    if (content === undefined) return
    for (const line of content.lines) this.unreadable.add(line)
    this.contents.splice(this.contents.indexOf(content), 1)
    this.#writing.delete(writer)
    rmSync(content.path)
  }

  /** What has a name that nobody looks for, and has not been seen before, cannot be known. */
  #hidden(content: Content, since = Infinity): void {
    if (content.path.endsWith('.log')) return
    if (content.seenAt !== Infinity && content.seenAt <= since) return
    for (const line of content.lines) this.unreadable.add(line)
  }

  #save(): void {
    const { follower, got } = this.following
    this.#saves.push({ saved: follower.save(), got: [...got], step: this.#step })
  }

  async #restart(back: number): Promise<void> {
    const last = this.#saves.at(-1 - back)
    if (last === undefined) return this.following.restart()
    await this.following.restart(last.saved, last.got)
    this.#saves = this.#saves.filter(({ step }) => step <= last.step)
    for (const content of this.contents) {
      this.#hidden(content, last.step)
      if (content.seenAt > last.step) content.seenAt = Infinity
    }
  }
}

const operation = fc.tuple(
  fc.constantFrom(
    'append',
    'append',
    'append',
    'round',
    'round',
    'round',
    'rename',
    'copy',
    'rewrite',
    'delete',
    'wait',
    'save',
    'restart',
  ),
  fc.integer({ min: 0, max: 2 }),
  fc.integer({ min: 0, max: 12 }),
)

void t.test('each line is read once and in order, whatever writers and kills do', async t => {
  const folder = await temporaryFolder(t, 'once')
  let runs = 0
  const property = fc.asyncProperty(
    fc.array(operation, { minLength: 3, maxLength: 30 }),
    fc.constantFrom(300, 1000, 1024 * 1024),
    fc.constantFrom(1, 3, 64),
    async (operations, windowBytes, openFiles) => {
      const home = join(folder, String(++runs))
      if (!existsSync(home)) mkdirSync(home)
      const limits = { windowBytes, openFiles }
      const following = new Following(t, { pattern: `${home}/*.log`, limits })
      const world = new World(home, following)
      for (const each of operations) await world.does(each)
      for (let i = 0; i < 4; i++) await following.readAll(6)
      await following.follower.close()
      rmSync(home, { recursive: true })

      const { got } = following
      const twice = got.filter((line, i) => got.indexOf(line) !== i)
      const what = (lines: string[]) => lines.map(line => line.split(' ')[0]).join(' ')
      if (twice.length > 0) throw new Error(`read twice: ${what(twice)}`)
      for (const { lines, path } of world.contents) {
        const missing = lines.filter(line => !got.includes(line) && !world.unreadable.has(line))
        if (missing.length > 0) throw new Error(`not read in ${basename(path)}: ${what(missing)}`)
        const order = lines.map(line => got.indexOf(line)).filter(i => i >= 0)
        if (order.some((at, i) => i > 0 && at < (order[i - 1] ?? 0))) throw new Error('disorder')
      }
    },
  )
  await fc.assert(property, { numRuns: 200 })
})
