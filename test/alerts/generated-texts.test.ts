import t, { type Test } from 'tap'
import { alerts } from '../../alerts/source/table.js'
import type { DoctorInput } from '../../src/host/finding.js'
import { behind, domainTriggers, found, windows } from '../host/machines.js'

const descriptionOf = (name: string): string =>
  alerts.find(alert => alert.name === name)?.description ?? ''

/** All that doctor has somebody type for a finding, in its order, is in the alert. */
const tellsWhatDoctorTells = (t: Test, name: string, input: DoctorInput, id: string): void => {
  const description = descriptionOf(name)
  const commands = found(input, id)
    .repair.filter(command => !command.startsWith('w32tm /query'))
    .map(command => command.replace('ntp1.contoso.com', 'NTP-SERVER-1'))
    .map(command => command.replace(/FromSeconds\(-?\d+\)/, 'FromSeconds(OFFSET)'))
  t.ok(commands.length > 0)
  const at = commands.map(command => description.indexOf(`\`${command}\``))
  t.notOk(at.includes(-1), `${name}: ${commands.join('; ')}`)
  t.strictSame(
    at,
    at.toSorted((a, b) => a - b),
  )
}

void t.test(
  'the alert of a refused correction has the commands of doctor, in their order',
  async t => {
    const off = windows({ input: { offset: behind(72_000) } })
    tellsWhatDoctorTells(t, 'EdgeclockCorrectionImpossible', off, 'beyond-correction')
  },
)

void t.test(
  'that of a service that will not start has them too, in a domain and outside',
  async t => {
    const facts = { survivesReboot: false }
    for (const settings of [
      { triggers: domainTriggers },
      { startType: 'manual', domainMember: true, triggers: domainTriggers },
    ] as const) {
      const input = windows({ facts, settings })
      tellsWhatDoctorTells(t, 'EdgeclockWillNotSurviveReboot', input, 'not-surviving-reboot')
    }
    t.match(descriptionOf('EdgeclockWillNotSurviveReboot'), 'outside a domain (an Edge is)')
  },
)

void t.test('what keeps a clock may be another service than that of Windows', async t => {
  for (const { name, component, description } of alerts) {
    if (component === 'time_service')
      t.match(description.split(/\.(?= )/)[0], 'edgeclock doctor', name)
  }
})

void t.test(
  'a server is read by its address, and never against the clock of the reader',
  async t => {
    const texts = alerts.filter(({ component }) => component === 'clock')
    const read = texts.flatMap(
      ({ description }) => description.match(/`edgeclock read[^`]*`/g) ?? [],
    )
    t.ok(read.length > 1)
    for (const command of read) t.match(command, 'read SERVER-ADDRESS --module=MODULE --reference=')
  },
)
