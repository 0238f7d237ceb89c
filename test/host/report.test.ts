import t from 'tap'
import { judge, sinceBoot } from '../../src/host/report.js'

const BOOT = 1_800_000_000
const boot = { byWall: BOOT, truly: BOOT }
const HOUR = 3600

void t.test('unknown stays unknown', t => {
  t.same(judge({}, false, { byWall: BOOT, truly: undefined }), {})
  t.equal(sinceBoot({ lastSyncTimestamp: BOOT + 1 }, boot), undefined, 'a stamp alone says nothing')
  t.end()
})

void t.test("the service's own word stands", t => {
  t.equal(sinceBoot({ synchronizedSinceBoot: false }, boot), false)
  t.equal(sinceBoot({ synchronizedSinceBoot: false, lastSyncTimestamp: BOOT + 1 }, boot), false)
  t.equal(sinceBoot({ synchronizedSinceBoot: true }, boot), true)
  t.end()
})

void t.test('a stamp from before the start is none since then', t => {
  const synced = (lastSyncTimestamp: number) => ({ synchronizedSinceBoot: true, lastSyncTimestamp })
  t.equal(sinceBoot(synced(BOOT + 60), boot), true)
  t.equal(sinceBoot(synced(BOOT - 2), boot), true, 'within the rounding of both')
  t.equal(sinceBoot(synced(BOOT - 60), boot), false)
  t.equal(sinceBoot(synced(BOOT - 60), { byWall: BOOT, truly: undefined }), undefined)
  t.notOk(
    'synchronizedSinceBoot' in judge(synced(BOOT - 60), false, { byWall: BOOT, truly: undefined }),
  )
  t.end()
})

void t.test('a clock that is hours off does not make a stamp look older than it is', t => {
  const synced = { synchronizedSinceBoot: true, lastSyncTimestamp: BOOT + 60 }
  t.equal(
    sinceBoot(synced, { byWall: BOOT, truly: BOOT + 6 * HOUR }),
    true,
    'kept by a wrong source',
  )
  t.equal(sinceBoot(synced, { byWall: BOOT + 6 * HOUR, truly: BOOT }), true, 'set ahead since')
  t.end()
})

void t.test('what this process saw counts until the machine stops', t => {
  t.equal(judge({}, true, boot).synchronizedSinceBoot, true, 'stopped since')
  t.equal(
    judge({ synchronizedSinceBoot: false }, true, boot).synchronizedSinceBoot,
    true,
    'restarted',
  )
  t.equal(judge({ synchronizedSinceBoot: false }, false, boot).synchronizedSinceBoot, false)
  t.end()
})

void t.test('the start is told on true time, and only where that is known', t => {
  t.equal(judge({}, false, { byWall: BOOT - 6 * HOUR, truly: BOOT }).bootTimestamp, BOOT)
  t.notOk('bootTimestamp' in judge({}, false, { byWall: BOOT, truly: undefined }))
  t.end()
})
