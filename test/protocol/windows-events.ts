import type { WindowsEvent } from '../../src/protocol/windows-event.js'

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event'

/** An event of the incident's Edge server. */
export const EDGE_EVENT: WindowsEvent = {
  provider: 'LS Protocol Stack',
  eventId: 14_619,
  recordId: '7',
  channel: 'Lync Server',
  computer: 'EDGE02.contoso.com',
  timeCreated: '2026-11-22T10:00:00.1234567Z',
  binary: '',
}

/** What must never be taken for an event's own fields. */
export const DECOY = '<Event><System><EventID>1</EventID><Computer>no</Computer></System></Event>'
const escaped = DECOY.replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Composed as wevtutil prints one with /f:RenderedXml. */
export const eventXml = (
  event: Partial<WindowsEvent> = {},
  rendered = "<RenderingInfo Culture='en-US'><Message>Text.</Message><Level>Error</Level></RenderingInfo>",
): string => {
  const e = { ...EDGE_EVENT, ...event }
  return `<Event xmlns='${NAMESPACE}'><System><Provider Name='${e.provider}'/>\
<EventID Qualifiers='49152'>${e.eventId}</EventID><Level>2</Level><Task>1001</Task>\
<Keywords>0x80000000000000</Keywords><TimeCreated SystemTime='${e.timeCreated}'/>\
<EventRecordID>${e.recordId}</EventRecordID><Channel>${e.channel}</Channel>\
<Computer>${e.computer}</Computer><Security/></System><EventData>\
<Data Name='EventID'>99</Data><Data>${escaped}</Data><Data Name='a > b'></Data>\
<Binary>${e.binary}</Binary></EventData>${rendered}</Event>`
}

/** The same with the message in German, as characters or as the bytes of UTF-8. */
export const GERMAN = `<RenderingInfo Culture='de-DE'><Message>Die Prüfung ist fehlgeschlagen. \
Provider: "kein Anbieter", 'EventID': 5 ${escaped}</Message><Level>Fehler</Level>\
<Channel>Verwaltung</Channel><Provider>Anderer</Provider></RenderingInfo>`
