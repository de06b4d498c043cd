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
  /** organisation, file, date */
  | "certificate-expired"
  /** role, organisation, roles */
  | "role-not-hosted"
  /** file */
  | "certificate-unreadable"
  /** file, organisation */
  | "certificate-of-another"
  /** process, log, reason */
  | "process-ended"
  /** process, log, seconds */
  | "process-silent"
  /** step, reason */
  | "step-failed"
  /** channel, organisation */
  | "founded-otherwise"
  /** name, names */
  | "organisation-not-declared"
  /** names, directory */
  | "public-missing"
  /** organisation */
  | "first-block-missing"
  /** file */
  | "first-block-differs"
  /** name, names */
  | "organisation-not-here"
  /** organisation */
  | "not-up-yet"
  /** file */
  | "backup-unreadable"
  /** directory */
  | "restore-occupied"
  /** directory */
  | "gateway-keys-missing"
  /** names, seconds */
  | "others-missing"
  /** version, own */
  | "chaincode-differs"
  /** file, reason */
  | "change-unreadable"
  /** network, own */
  | "change-of-another-network"
  /** base, current */
  | "change-outdated"
  /** organisation */
  | "change-altered"
  /** organisation */
  | "change-signed-already"
  /** signed, needed */
  | "change-unsigned"
  /** organisation */
  | "nothing-revoked";

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
