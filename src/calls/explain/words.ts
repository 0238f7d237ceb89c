import type { FailureFindings, Findings } from './findings.js'
import { counted, listed, wrapped } from '../../text.js'
import { describeClock, serversNamed } from './names.js'
import { type SkewFailures, skewFailuresOf } from './skew.js'
import { tables } from './tables.js'

/** The findings for a person: what happened, what to do, and the figures that it rests on. */
export const inWords = (findings: Findings): string => {
  const advice = findings.advice.flatMap(({ what, why, commands }, i) => [
    ...wrapped(`${i + 1}. ${what}`, '   '),
    ...wrapped(why, '   ', '   '),
    ...commands.map(command => `       ${command}`),
  ])
  const skew = skewFailuresOf(findings)
  const story = [...clockStory(findings, skew), ...otherStory(findings, skew)]
  return [
    ...story.flatMap(sentence => wrapped(sentence)),
    ...(advice.length > 0 ? ['', 'What to do', ...advice] : []),
    ...tables(findings),
    '',
  ].join('\n')
}

const clockStory = (findings: Findings, skew: SkewFailures): readonly string[] => {
  const { clocks, clock_skew } = findings
  const failed = clock_skew.sip_requests + clock_skew.voicemail_calls > 0
  switch (clocks.verdict) {
    case 'wrong_by_majority':
    case 'wrong_by_failures':
      return wrongClocks(findings, skew)
    case 'contradiction':
      return [
        `${offsetsSaid(findings)} Which of them is wrong cannot be told from these traces.`,
        ...(failed ? [`${skew.failed} because of it${skew.how}.`] : []),
      ]
    case 'elsewhere':
      return [
        `${skew.failed} because two clocks contradict each other${skew.how}. The clocks of ${listed(serversNamed(findings, clocks.agreeing))} agree: the wrong one is that of a server whose trace is not here.`,
        ...poolOnly(findings),
      ]
    case 'not_compared':
      if (!failed) return []
      return [
        `${skew.failed} because two clocks contradict each other${skew.how}. Whose clock is wrong cannot be told from these traces alone.`,
        ...poolOnly(findings),
      ]
    case 'agreement':
      return []
  }
}

const offsetsSaid = (findings: Findings): string =>
  findings.clocks.offsets.map(one => `The clock of ${describeClock(findings, one)}.`).join(' ')

const wrongClocks = (findings: Findings, skew: SkewFailures): readonly string[] => {
  const { clocks } = findings
  const harm =
    skew.failed === ''
      ? 'No call failed because of it in these traces.'
      : `${skew.failed} because of it${skew.how}.`
  const because =
    clocks.verdict === 'wrong_by_failures'
      ? `${clocks.offsets.length > 1 ? 'They are' : 'It is'} the likelier to be wrong, being where calls fail; without the traces of more servers that is not certain.`
      : `The clocks of ${listed(serversNamed(findings, clocks.agreeing))} agree.`
  return [`${offsetsSaid(findings)} ${harm} ${because}`]
}

const poolOnly = ({ clock_skew: { named } }: Findings): readonly string[] => {
  if (named.edge_pools.length === 0) return []
  const signed = named.signers.length > 0 ? `; ${listed(named.signers)} signed` : ''
  return [
    `The responses' header names only the pool ${listed(named.edge_pools)}, never the node${signed}.`,
  ]
}

const otherStory = (findings: Findings, skew: SkewFailures): readonly string[] => {
  const { voicemail_failures: calls, sip_failures: requests, voicemail_calls: ended } = findings
  if (requests.length === 0 && calls.length === 0) {
    const heard = ended.answered + ended.abandoned + ended.unresolved
    const none = heard === 0 ? ' There is no voicemail call in these traces.' : ''
    return [`Nothing failed: no voicemail call and no other SIP request.${none}`]
  }
  const others = otherThanSkew(calls)
  const otherRequests = otherThanSkew(requests)
  return [
    ...skew.besides,
    ...(others > 0
      ? [`${counted(others, 'voicemail call')} failed for other reasons, listed below.`]
      : []),
    ...(calls.length === 0 ? ['No voicemail call failed.'] : []),
    ...(otherRequests > 0
      ? [
          `${counted(otherRequests, 'SIP request')} failed for other reasons than a clock, listed below by cause.`,
        ]
      : []),
  ]
}

const otherThanSkew = (failures: readonly FailureFindings[]): number =>
  failures.reduce((sum, { cause, count }) => sum + (cause === 'clock_skew' ? 0 : count), 0)
