import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DEFAULTS } from '../../grafana/source/dashboard.js'
import { dashboardFiles } from '../../grafana/source/files.js'
import { DASHBOARDS } from './queries.js'

void t.test('the committed dashboards are those that the source makes', async t => {
  const files = dashboardFiles(DEFAULTS)
  t.same(readdirSync(DASHBOARDS).toSorted(), [...files.keys()].toSorted())
  for (const [name, text] of files) {
    const committed = readFileSync(join(DASHBOARDS, name), 'utf8')
    // A whole dashboard as a difference would help nobody.
    t.ok(committed === text, `${name} is as \`npm run bundle\` writes it`)
  }
})

void t.test('the runbooks’ address on the dashboards is the one that is told', async t => {
  const runbookUrl = 'https://monitoring.contoso.com/runbooks'
  for (const [name, text] of dashboardFiles({ runbookUrl })) {
    t.match(text, `"url": "${runbookUrl}"`, name)
    t.notMatch(text, DEFAULTS.runbookUrl, name)
  }
})
