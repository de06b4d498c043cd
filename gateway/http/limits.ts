/** Every limit of the HTTP edge. A leaf's own limit is the ledger's: `MAX_LEAF_BYTES`, 65,535. */

export const limits = {
  /** Bytes of a request's body; of a line, where the body is a stream of lines (NDJSON), which itself has no limit. */
  bodyBytes: 8 * 1024 * 1024,
  lineBytes: 256 * 1024,
  /** Events in one array or CloudEvents batch. */
  items: 10_000,
  /** How deep arrays and objects of an event may nest, the event itself included. */
  depth: 16,
  /** Lines of an NDJSON stream that are taken in together: as many as one group commit is worth waiting for. */
  streamLines: 500,
  /** Bytes of a stream's answers that may wait unread: about 15,000 answers. Whoever sends more must read while sending. */
  streamAnswerBytes: 16 * 1024 * 1024,
  /** How long a request may take to arrive, streams included. */
  requestSeconds: 300,
  /** How long a connection may rest between requests: longer than proxies let theirs rest (often 60), so that a request never meets one just closed. */
  idleSeconds: 75,
  /** Verified tokens that are remembered, and how long at most, so that a key taken out of the key set stops working. */
  tokens: 10_000,
  tokenSeconds: 300,
  /** Bytes of a request's headers, all together. */
  headerBytes: 32 * 1024,
  /** How long an act's sender waits for the ledger's word before being told `pending`. */
  actSeconds: 30,
  /** Events that are read at once for who watches, and how long nothing is said at most, so that proxies keep the connection open. */
  watchedTogether: 100,
  heartbeatSeconds: 15,
  /** What `Retry-After` asks for. */
  retrySeconds: 2,
} as const;
