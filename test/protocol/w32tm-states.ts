import { type Language, languages } from './w32time-fixtures-languages.js'
import { type W32TimeState, w32tmText } from './w32time-fixtures-text.js'

export const GOOD: W32TimeState = {
  leap: 0,
  stratum: 3,
  referenceId: 0x0a000001,
  lastSync: Date.UTC(2026, 2, 4, 15, 58, 4) / 1000,
  source: 'ntp.contoso.com,0x8',
  stateMachine: 2,
  lastSyncError: 0,
  age: '46.9521530',
}
export const NEVER: W32TimeState = {
  leap: 3,
  stratum: 0,
  referenceId: 0,
  source: 'Local CMOS Clock',
  stateMachine: 0,
  lastSyncError: 1,
  age: '0.4332958',
}
export const allLanguages = Object.keys(languages) as Language[]
/** Of {@link GOOD}. */
export const goodText = w32tmText('english', GOOD)
