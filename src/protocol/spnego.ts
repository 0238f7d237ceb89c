import { DER, derElement } from './der.js'

/** The identifiers of SPNEGO (RFC 4178 §3) and of NTLM in it (MS-SPNG 1.9). */
const OID_SPNEGO = [0x2b, 6, 1, 5, 5, 2]
const OID_NTLM = [0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10]

/**
 * NegTokenInit (RFC 4178 §4.2.1) that offers NTLM and nothing else, with its first message. Samba takes
 * the message bare as well; a GSS token is what MS-SMB2 3.2.4.2.3 asks for.
 */
export const spnegoOfNtlm = (message: Uint8Array): Uint8Array =>
  derElement(
    DER.application0,
    derElement(DER.oid, OID_SPNEGO),
    derElement(
      DER.context(0),
      derElement(
        DER.sequence,
        derElement(DER.context(0), derElement(DER.sequence, derElement(DER.oid, OID_NTLM))),
        derElement(DER.context(2), derElement(DER.octets, message)),
      ),
    ),
  )
