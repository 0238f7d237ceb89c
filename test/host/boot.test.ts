import t from 'tap'
import { bootTime } from '../../src/host/boot.js'

const BOOT = 1_800_000_000

/** A wall clock `ahead` of true time, an hour after the start; the time since boot is told with `noise`. */
const looking = () => {
  let state = { ahead: 0, noise: 0 }
  const boot = bootTime(() => ({
    current: (BOOT + 3600 + state.ahead) * 1000,
    uptime: 3600 + state.noise,
  }))
  return {
    boot,
    set: (ahead: number, noise = 0) => (state = { ahead, noise }),
  }
}

void t.test('the wall clock alone tells no true start', async t => {
  const { boot, set } = looking()
  set(-21_600)
  t.same(boot(undefined), { byWall: BOOT - 21_600, truly: undefined })
  t.same(boot({ offset: -21_600, error: 0.001 }), { byWall: BOOT - 21_600, truly: BOOT })
  t.equal(boot(undefined).truly, BOOT, 'known from then on')
})

void t.test('it does not move by what the time since boot is rounded', async t => {
  const { boot, set } = looking()
  const first = boot({ offset: 0, error: 0.001 }).truly
  set(0, 0.01)
  t.equal(boot({ offset: 0, error: 0.001 }).truly, first)
})

void t.test('a clock that is set does not move it', async t => {
  const { boot, set } = looking()
  boot({ offset: 0, error: 0.001 })
  set(-21_600)
  t.equal(boot({ offset: -21_600, error: 0.001 }).truly, BOOT)
})

void t.test('a first reference that lied is not believed for ever', async t => {
  const { boot } = looking()
  t.equal(boot({ offset: 3600, error: 0.001 }).truly, BOOT - 3600)
  t.equal(boot({ offset: 0, error: 0.001 }).truly, BOOT)
})

void t.test('a narrower bound goes before a wide one', async t => {
  const { boot } = looking()
  t.equal(boot({ offset: 5, error: 6 }).truly, BOOT - 5)
  t.equal(boot({ offset: 0, error: 0.001 }).truly, BOOT)
  t.equal(boot({ offset: 1, error: 2 }).truly, BOOT, 'and a wide one after it changes nothing')
})
