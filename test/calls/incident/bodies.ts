/** An audio offer or answer. Lines end with '\n'. */
export const sdp = (address: string, port: number): string =>
  [
    'v=0',
    `o=- 0 0 IN IP4 ${address}`,
    's=session',
    `c=IN IP4 ${address}`,
    'b=CT:99980',
    't=0 0',
    `m=audio ${port} RTP/AVP 104 114 9 8 0 101`,
    `a=candidate:1 1 UDP 2130706431 ${address} ${port} typ host`,
    `a=candidate:1 2 UDP 2130705918 ${address} ${port + 1} typ host`,
    'a=ice-ufrag:qkEP',
    'a=ice-pwd:ed6f9GuHjLcoCN6sC/Eh7fVl',
    'a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^31|1:1',
    'a=rtpmap:104 SILK/16000',
    'a=rtpmap:9 G722/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    '',
  ].join('\n')

/** A missed-call notification's offer. */
export const notificationSdp = (address: string): string =>
  [
    'v=0',
    `o=- 0 0 IN IP4 ${address}`,
    's=session',
    `c=IN IP4 ${address}`,
    't=0 0',
    'm=application 9 SIP *',
    'a=accept-types:application/ms-rtc-usernotification+xml',
    '',
  ].join('\n')

export const SDP_TYPE = 'application/sdp'
export const NOTIFICATION_TYPE = 'application/ms-rtc-usernotification+xml'

export const NOTIFICATION_XML = `<?xml version="1.0"?>
<UserNotification>
  <User>bob@contoso.com</User>
  <EumProxyAddress>EUM:1000;phone-context=contoso.com</EumProxyAddress>
  <Time>2026-03-02 05:30:00Z</Time>
  <Template>RtcDefault</Template>
  <Event type="missed"><CallerId>sip:jörg@contoso.com</CallerId></Event>
</UserNotification>
`

/** An XML body that speaks of voicemail, failures and records: all of it is only text. */
export const MISLEADING_XML = `<reason xmlns="http://schemas.contoso.com/reason">
  <target>sip:bob@contoso.com;opaque=app:voicemail</target>
  <host>exap.um.outlook.com</host>
Call-ID: not-a-header@contoso.com
SIP/2.0 503 Service Unavailable
ms-diagnostics: 15030;appName="ExumRouting"
Start-Line: SIP/2.0 500 Not a start line
</reason>
`

export const SIPFRAG = 'SIP/2.0 503 Service Unavailable\n'
