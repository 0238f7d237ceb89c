export type PeerSource = { packages: string[]; files: string[]; links?: Record<string, string> }
export type Peer = { path: string; env: Record<string, string> }
export type MissingPeer = { name: string; reason: string }

export const PEERS: Record<string, PeerSource>

/** A peer program or library and the variables that it needs to run, or nothing when missing. */
export const findPeer: (name: string) => Peer | undefined

/** Brings what is missing of the named programs; never throws. */
export const providePeers: (
  peers: string[],
  options?: { log?: (line: string) => void },
) => { missing: MissingPeer[] }
