import type { Alert, Component } from './alert.js'
import { callAlerts } from './calls.js'
import { clockAlerts } from './clock.js'
import { exporterAlerts } from './exporter.js'
import { referenceAlerts } from './reference.js'
import { timeServiceAlerts } from './time-service.js'

/** Every alert, in the order in which the files and the README have them. */
export const alerts: readonly Alert[] = [
  ...clockAlerts,
  ...timeServiceAlerts,
  ...callAlerts,
  ...referenceAlerts,
  ...exporterAlerts,
]

export const alertsOf = (component: Component): readonly Alert[] =>
  alerts.filter(alert => alert.component === component)
