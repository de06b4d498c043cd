/** What can go wrong with a network, as one closed union. Whoever shows it has the words. */
export type NetworkErrorCode =
  /** file, reason */
  | "topology-unreadable"
  /** field, reason */
  | "topology-invalid"
  /** directory */
  | "network-exists"
  /** directory */
  | "network-missing"
  /** directory, pid */
  | "network-busy"
  /** names, version */
  | "binaries-missing"
  /** file, version, needed */
  | "binary-version"
  /** process, address, port */
  | "network-port-in-use"
  /** file, date */
  | "certificate-expired"
  /** process, log, reason */
  | "process-ended"
  /** process, log, seconds */
  | "process-silent"
  /** step, reason */
  | "step-failed";

export class NetworkError extends Error {
  override readonly name = "NetworkError";

  /** @param values what the words of the code speak of */
  constructor(
    readonly code: NetworkErrorCode,
    readonly values: Readonly<Record<string, string | number>>,
    options?: ErrorOptions,
  ) {
    super(`${code} ${JSON.stringify(values)}`, options);
  }
}
