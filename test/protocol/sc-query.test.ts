import * as fc from 'fast-check'
import t from 'tap'
import { parseScQuery } from '../../src/protocol/sc-query.js'
import { scText } from './w32time-fixtures-text.js'

void t.test('a running service gives its state, one that never ran its reason', async t => {
  t.same(parseScQuery(scText(4, 0)), { state: 4, win32ExitCode: 0 })
  t.same(parseScQuery(scText(1, 1077)), { state: 1, win32ExitCode: 1077 })
})

void t.test('the labels may be in any language', async t => {
  const spanish = scText(4, 0)
    .replace('SERVICE_NAME', 'NOMBRE_SERVICIO')
    .replace('TYPE ', 'TIPO ')
    .replace('STATE ', 'ESTADO ')
    .replace('WIN32_EXIT_CODE ', 'C\u00d3D_SALIDA_WIN32\u00ff')
  t.same(parseScQuery(spanish), { state: 4, win32ExitCode: 0 })
})

void t.test('states from 1 to 7 are known, and no other', async t => {
  for (const state of [1, 2, 3, 4, 5, 6, 7]) {
    t.equal(parseScQuery(scText(4, 0).replace('4  R', `${state}  R`))?.state, state)
  }
  for (const state of ['0', '8', '10', '-1', 'x']) {
    t.equal(parseScQuery(scText(4, 0).replace('4  R', `${state}  R`)), undefined)
  }
})

void t.test('an exit code that is told in two ways has to be one', async t => {
  t.equal(parseScQuery(scText(1, 1077).replace('0x435', '0x434')), undefined)
  t.equal(parseScQuery(scText(1, 1077).replace('(0x435)', '')), undefined)
})

void t.test('a type that is none is not a service', async t => {
  t.equal(parseScQuery(scText(4, 0).replace('30  WIN32', '')), undefined)
  t.equal(parseScQuery(scText(4, 0).replace('30  WIN32', 'WIN32')), undefined)
})

void t.test('a service that there is not has no state', async t => {
  const failed =
    '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n\r\nThe service: 4  (0x4)\r\n'
  t.equal(parseScQuery(failed), undefined)
  t.equal(parseScQuery(''), undefined)
})

void t.test('a text that is far too long is not read', async t => {
  t.equal(parseScQuery(scText(4, 0) + ' '.repeat(8192)), undefined)
})

void t.test('cut off anywhere, it says the same or nothing', async t => {
  for (const whole of [scText(4, 0), scText(1, 1077)]) {
    const expected = parseScQuery(whole)
    for (let end = 0; end < whole.length; end++) {
      const found = parseScQuery(whole.slice(0, end))
      if (found) t.same(found, expected, whole.slice(0, end))
    }
  }
})

void t.test('any text is taken', async () => {
  const part = fc.constantFrom(':', ' ', '\n', '4', '0x', '(', ')', 'RUNNING', '1077  (0x435)')
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string())), parts => {
      const found = parseScQuery(parts.join(''))
      return found === undefined || (found.state >= 1 && found.state <= 7)
    }),
  )
})
