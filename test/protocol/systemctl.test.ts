import * as fc from 'fast-check'
import t from 'tap'
import { parseUnits, unitRuns, unitSurvives } from '../../src/protocol/systemctl.js'
import { holds } from '../time/holds.js'
import { notFound, systemctlShow, unitBlock } from './linux-time-fixtures.js'

const [chrony] = parseUnits(unitBlock('chrony.service'))

void t.test('each unit is told of, those that are not there too', async t => {
  const text = systemctlShow({ 'chrony.service': unitBlock('chrony.service') })
  const units = parseUnits(text)
  t.equal(units.length, 7)
  t.same(units[0], {
    id: 'chrony.service',
    loadState: 'loaded',
    activeState: 'active',
    unitFileState: 'enabled',
    subState: 'running',
    isHeldBack: false,
    startedSinceBoot: true,
    startedAfterBoot: 5.123456,
  })
  t.same(units[6], {
    id: 'systemd-timesyncd.service',
    loadState: 'not-found',
    activeState: 'inactive',
    unitFileState: '',
    subState: 'dead',
    isHeldBack: false,
    startedSinceBoot: undefined,
    startedAfterBoot: undefined,
  })
})

void t.test('a unit that was asked for by two names comes once', async t => {
  const block = unitBlock('chrony.service')
  t.equal(parseUnits(`${block}\n${block}\n${notFound('ntp.service')}`).length, 2)
})

void t.test('the order of its properties does not matter, nor how lines end', async t => {
  const reversed = unitBlock('chrony.service').trim().split('\n').toReversed().join('\r\n')
  t.same(parseUnits(`${reversed}\r\n\r\n${notFound('ntp.service')}`)[0], chrony)
})

void t.test('a block that is not whole is left out', async t => {
  for (const line of ['Id=chrony.service', 'LoadState=loaded', 'ActiveState=active'])
    t.same(parseUnits(unitBlock('chrony.service').replace(line, 'Description=x')), [])
  t.same(parseUnits(unitBlock('chrony service; x')), [])
  t.same(parseUnits(unitBlock('chrony.service').trimEnd()), [])
  t.same(parseUnits(''), [])
})

void t.test(
  'whether it has been started since boot is not known where systemd does not tell',
  async t => {
    for (const [entered, started] of [
      ['0', false],
      ['1', true],
      ['', undefined],
      ['n/a', undefined],
    ] as const)
      t.equal(parseUnits(unitBlock('x.service', { entered }))[0]?.startedSinceBoot, started)
  },
)

const state = {
  id: 'x',
  loadState: 'loaded',
  activeState: '',
  unitFileState: '',
  subState: '',
  isHeldBack: false,
  startedSinceBoot: true,
  startedAfterBoot: undefined,
}

void t.test('what runs, runs on or comes up; what is going down does not', async t => {
  const states = {
    active: true,
    activating: true,
    reloading: true,
    inactive: false,
    failed: false,
    deactivating: false,
    maintenance: undefined,
  }
  for (const [activeState, runs] of Object.entries(states))
    t.equal(unitRuns({ ...state, activeState }), runs, activeState)
})

void t.test('a unit that falls over and is started again and again does not run', async t => {
  const [unit] = parseUnits(unitBlock('x.service', { active: 'activating', sub: 'auto-restart' }))
  t.equal(unit && unitRuns(unit), false)
})

void t.test('of a unit that is not enabled systemd forgets that it was started', async t => {
  for (const [file, started] of [
    ['enabled', false],
    ['disabled', undefined],
    ['static', undefined],
  ] as const) {
    const [unit] = parseUnits(unitBlock('x.service', { active: 'inactive', file, entered: '0' }))
    t.equal(unit?.startedSinceBoot, started, file)
  }
})

void t.test('an enabled unit that its conditions hold back is not sure to come back', async t => {
  for (const [condition, tried, survives] of [
    ['no', '5000000', undefined],
    ['no', '0', true],
    ['yes', '5000000', true],
  ] as const) {
    const [unit] = parseUnits(unitBlock('x.service', { condition, tried }))
    t.equal(unit && unitSurvives(unit), survives)
  }
})

void t.test('only an enabled unit is sure to come back', async t => {
  const states = {
    enabled: true,
    disabled: false,
    masked: false,
    'enabled-runtime': false,
    'masked-runtime': undefined,
    static: undefined,
    indirect: undefined,
    generated: undefined,
    alias: undefined,
    linked: undefined,
    '': undefined,
  }
  for (const [unitFileState, survives] of Object.entries(states))
    t.equal(unitSurvives({ ...state, unitFileState }), survives, unitFileState)
})

void t.test('any text is taken', async t => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('', ...unitBlock('chrony.service').split('\n'), ...notFound('x').split('\n')),
  )
  holds(
    t,
    fc.property(fc.array(line), lines => {
      for (const unit of parseUnits(`${lines.join('\n')}\n`)) {
        unitRuns(unit)
        unitSurvives(unit)
      }
    }),
  )
})
