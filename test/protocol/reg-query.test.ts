import * as fc from 'fast-check'
import t from 'tap'
import { dword, parseRegQuery, regGuid, regText } from '../../src/protocol/reg-query.js'
import { regText as printed } from './w32time-fixtures-text.js'

const KEY = 'hkey_local_machine\\a\\b'
const text = printed('A', {
  B: [
    ['Some Name', 'REG_DWORD', '0xd2f0'],
    ['(Default)', 'REG_SZ', ''],
    ['Spaced', 'REG_SZ', 'one    two  '],
    ['Several', 'REG_MULTI_SZ', 'one\\0two'],
    ['Id', 'REG_BINARY', 'BA0AE21C5198214494301DDEB766E809'],
  ],
  Empty: [],
})

void t.test('values are found by key and name, in whatever case they are written', async t => {
  const keys = parseRegQuery(text)
  t.same([...keys.keys()], [KEY, 'hkey_local_machine\\a\\empty'])
  const values = keys.get(KEY)
  t.same(values?.get('some name'), { type: 'REG_DWORD', data: '0xd2f0' })
  t.same(values?.get('(default)'), { type: 'REG_SZ', data: '' })
  t.same(values?.get('spaced'), { type: 'REG_SZ', data: 'one    two' })
  t.same(values?.get('several'), { type: 'REG_MULTI_SZ', data: 'one\\0two' })
  t.equal(values?.size, 5)
})

void t.test('what is no value is passed over, and belongs to no key', async t => {
  const noise = `    Stray    REG_SZ    1\r\nERROR: x\r\n${text}    NoType    12\r\n  A    REG_SZ    2\r\n`
  t.same(parseRegQuery(noise), parseRegQuery(text))
  t.equal(parseRegQuery('').size, 0)
})

void t.test('a key that comes twice keeps the values of both', async t => {
  const twice = `HKEY_X\n    A    REG_SZ    1\nHKEY_X\n    B    REG_SZ    2\n`
  t.same([...(parseRegQuery(twice).get('hkey_x')?.keys() ?? [])], ['a', 'b'])
})

void t.test('cut off anywhere, no value is another', async t => {
  const whole = parseRegQuery(text)
  t.equal(whole.isCut, false)
  for (let end = 0; end < text.length; end++) {
    const part = text.slice(0, end)
    const cut = parseRegQuery(part)
    const [last, rest] = part.split('\r\n').slice(-2)
    t.equal(
      cut.isCut,
      end > 0 && !(part.endsWith('\n') && rest === '' && !last?.startsWith('HKEY')),
    )
    for (const [path, values] of cut) {
      t.ok(whole.has(path), path)
      for (const [name, value] of values) t.same(value, whole.get(path)?.get(name))
    }
  }
})

void t.test('a number is a REG_DWORD of up to 32 bits', async t => {
  t.equal(dword({ type: 'REG_DWORD', data: '0xffffffff' }), 0xffffffff)
  t.equal(dword({ type: 'REG_DWORD', data: '0x0' }), 0)
  for (const data of ['', '0x', '12', '0x1ffffffff', '0xg', ' 0x1']) {
    t.equal(dword({ type: 'REG_DWORD', data }), undefined, data)
  }
  t.equal(dword({ type: 'REG_SZ', data: '0x1' }), undefined)
  t.equal(dword(undefined), undefined)
})

void t.test('a text is a REG_SZ or REG_EXPAND_SZ that is not empty', async t => {
  t.equal(regText({ type: 'REG_SZ', data: ' NTP ' }), 'NTP')
  t.equal(regText({ type: 'REG_EXPAND_SZ', data: 'NTP' }), 'NTP')
  t.equal(regText({ type: 'REG_SZ', data: ' ' }), undefined)
  t.equal(regText({ type: 'REG_DWORD', data: '0x1' }), undefined)
  t.equal(regText(undefined), undefined)
})

void t.test("a GUID's first three parts are little-endian", async t => {
  t.equal(regGuid(parseRegQuery(text).get(KEY)?.get('id')), '1ce20aba-9851-4421-9430-1ddeb766e809')
  t.equal(regGuid({ type: 'REG_BINARY', data: 'BA0AE21C' }), undefined)
  t.equal(regGuid({ type: 'REG_SZ', data: 'BA0AE21C5198214494301DDEB766E809' }), undefined)
  t.equal(regGuid(undefined), undefined)
})

void t.test('reading is linear, whatever the text', async t => {
  const seeds = [' ', '\r', '\r\n', '    ', 'HKEY_A\n', 'HKEY_A\\\r', '    a    REG_SZ', '    REG_']
  for (const seed of seeds) {
    const long = `HKEY_A\n${seed.repeat(Math.ceil((256 << 10) / seed.length))}x\n`
    const begin = performance.now()
    parseRegQuery(long)
    t.ok(performance.now() - begin < 3000, JSON.stringify(seed))
  }
})

void t.test('any text is taken', async () => {
  const part = fc.constantFrom('HKEY_A\\', '    ', 'REG_SZ', 'REG_DWORD', '0x1', '\r\n', '\n')
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string())), parts => {
      return [...parseRegQuery(parts.join('')).keys()].every(path => path.startsWith('hkey_'))
    }),
  )
})
