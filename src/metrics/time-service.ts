import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { Put } from './exposition.js'

/** What is known of the time service on one server. */
export const putTimeService = (
  put: Put,
  labels: { readonly pool: string; readonly server: string },
  facts: TimeServiceFacts,
): void => {
  put('edgeclock_ntp_synchronized', labels, facts.synchronized)
  put('edgeclock_ntp_leap_indicator', labels, facts.leap)
  put('edgeclock_ntp_stratum', labels, facts.stratum)
}
