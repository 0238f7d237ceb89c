import t from 'tap'
import { mulberry32 } from '../../src/demo/trace-text.js'
import { callScenarios, composeIncident } from './incident.js'
import { type TraceFile, piecesOf } from './incident/files.js'
import { allMarkers } from './incident/markers.js'

const textOf = ({ content, encoding }: TraceFile): string =>
  content.toString(encoding === 'utf16le' ? 'utf16le' : 'utf8').replace('\uFEFF', '')

const matches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

const inOrder = (texts: readonly string[]): boolean =>
  texts.every((text, i) => i === 0 || texts[i - 1]! <= text)

const sum = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0)

void t.test('the same seed gives the same bytes, another seed others', async t => {
  const options = { calls: 40, requests: 10 }
  const contents = (seed: number) => composeIncident(seed, options).files.map(file => file.content)
  t.ok(Buffer.concat(contents(5)).equals(Buffer.concat(contents(5))))
  t.notOk(Buffer.concat(contents(5)).equals(Buffer.concat(contents(6))))
})

void t.test('the truth has every call, every scenario and every mark in it', async t => {
  const { played, truth } = composeIncident(1)
  t.equal(played.length, 550)
  t.equal(new Set(played.map(({ callId }) => callId)).size, 550)
  const names = new Set(played.map(({ scenario }) => scenario))
  t.strictSame(
    callScenarios.filter(({ name }) => !names.has(name)),
    [],
  )
  const marks = new Set(played.map(({ marker }) => marker))
  t.strictSame(
    allMarkers.filter(({ name }) => !marks.has(name)),
    [],
  )
  const um = played.filter(({ um }) => um !== 'none').length
  t.equal(sum(Object.values(truth.umCalls)) + truth.umUnresolved, um)
  t.equal(sum(truth.umFailures.values()), truth.umCalls.failed)
  t.equal(sum(truth.sipFailures.values()), played.flatMap(one => one.sipFailures).length)
  t.ok((truth.umFailures.get('429|1020|clock_skew') ?? 0) > 20)
  t.equal(truth.offsets['EDGE02-FE1'], -21_600)
})

void t.test('the files hold the records and the marks that the truth counts', async t => {
  const { files, truth } = composeIncident(2, { calls: 100, requests: 20, interrupted: 0.001 })
  const text = files.map(textOf).join('')
  const begun = /^TL_.*\((?:TF_PROTOCOL|TF_DIAG)\).*\$\$begin_record\r?$/gm
  const { foreign, interrupted, strayEnds } = truth.kinds
  t.equal(truth.records, truth.kinds.records)
  t.equal(truth.malformed, foreign + interrupted)
  t.ok(Math.min(foreign, interrupted, strayEnds) > 0)
  t.equal(matches(text, begun), truth.records + interrupted)
  t.equal(matches(text, /\$\$begin_record\r?$/gm), truth.records + interrupted + foreign)
  t.equal(matches(text, /^\$\$end_record\r?$/gm), truth.records + foreign + strayEnds)
})

void t.test('each server writes by its own clock, in its own encoding', async t => {
  const { files } = composeIncident(3, { calls: 60, requests: 10, filesPerServer: 2 })
  t.strictSame(
    files.map(({ name }) => name),
    ['fe1.log.1', 'fe1.log', 'fe2.log.1', 'fe2.log', 'edge01.log.1', 'edge01.log'].concat([
      'edge02.log.1',
      'edge02.log',
    ]),
  )
  for (const name of ['FE1', 'FE2', 'EDGE01', 'EDGE02']) {
    const text = files
      .filter(file => file.server === name)
      .map(textOf)
      .join('')
    const stamps = [...text.matchAll(/::(\S{10}-\S{12})\.[0-9A-F]{8} /g)].map(([, at = '']) => at)
    t.ok(stamps.length > 50 && inOrder(stamps))
    t.match(stamps[0], name === 'EDGE02' ? '03/01/2026-23:' : '03/02/2026-05:')
  }
  const begins = (name: string, bytes: string): void => {
    const file = files.find(one => one.name === name)
    t.equal(file?.content.toString('latin1', 0, bytes.length), bytes)
  }
  begins('fe2.log', '\xff\xfe')
  begins('edge02.log', '\xef\xbb\xbf')
  t.notMatch(textOf(files[0]!), /[^\r]\n/)
  t.notMatch(textOf(files.at(-1)!), '\r')
})

void t.test('a server without its name in its heads has none in the truth', async t => {
  const { truth, files } = composeIncident(4, { calls: 120, layouts: { FE1: 1, FE2: 2 } })
  const servers = new Set([...truth.sipFailures.keys()].map(key => key.split('|')[0]))
  t.strictSame(servers, new Set(['', 'edge01', 'edge02']))
  t.notMatch(textOf(files[0]!), 'fepool1\\FE1')
})

void t.test('pieces of a file are the file', async t => {
  const content = Buffer.from('abcdefghijklmnopqrstuvwxyz')
  const pieces = piecesOf(content, 4, mulberry32(1))
  t.ok(pieces.length > 6 && pieces.every(({ length }) => length > 0 && length <= 4))
  t.ok(Buffer.concat(pieces).equals(content))
})
