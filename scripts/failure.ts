/** What can go wrong with a command as a whole, and the exit code that says so. */
import { text, type TextKey, textOf, type Values } from "./texts";

export const Exit = { done: 0, failed: 1, usage: 2, refused: 3, unverified: 4, unavailable: 5 } as const;

const exits = {
  "command-missing": Exit.usage,
  "command-unknown": Exit.usage,
  "option-unknown": Exit.usage,
  "option-missing": Exit.usage,
  "options-conflict": Exit.usage,
  "argument-missing": Exit.usage,
  "arguments-excess": Exit.usage,
  "value-missing": Exit.usage,
  "value-invalid": Exit.usage,
  "config-invalid": Exit.usage,
  "connection-unreadable": Exit.failed,
  "connection-malformed": Exit.failed,
  "connection-of-another": Exit.usage,
  "page-is-certificate": Exit.usage,
  "not-json": Exit.failed,
  "item-too-large": Exit.failed,
  "file-unreadable": Exit.failed,
  "file-unwritable": Exit.failed,
  "directory-not-writable": Exit.failed,
  "disk-full": Exit.failed,
  "trust-unreadable": Exit.failed,
  "trust-malformed": Exit.failed,
  "trust-conflict": Exit.unverified,
  "gateway-refused": Exit.failed,
  "not-found": Exit.failed,
  "calendar-unknown": Exit.failed,
  "not-a-gateway": Exit.unavailable,
  "sidecar-wrong": Exit.failed,
  "places-wrong": Exit.usage,
  "exit-not-frozen": Exit.refused,
  "exit-unknown": Exit.failed,
  "exit-of-another": Exit.usage,
  "state-of-another": Exit.usage,
  "state-in-use": Exit.unavailable,
  "database-address-wrong": Exit.usage,
  "database-unreachable": Exit.unavailable,
  unexpected: Exit.failed,
  "directory-locked": Exit.unavailable,
  "no-ledger": Exit.unavailable,
  "ledger-damaged": Exit.unavailable,
  "network-unreachable": Exit.unavailable,
  "port-in-use": Exit.unavailable,
  "port-not-allowed": Exit.unavailable,
  "gateway-unreachable": Exit.unavailable,
  "gateway-unavailable": Exit.unavailable,
  "topology-unreadable": Exit.failed,
  "topology-invalid": Exit.failed,
  "network-exists": Exit.failed,
  "network-missing": Exit.unavailable,
  "network-busy": Exit.unavailable,
  "organisation-not-here": Exit.usage,
  "organisation-not-declared": Exit.usage,
  "public-missing": Exit.unavailable,
  "first-block-missing": Exit.unavailable,
  "first-block-differs": Exit.unverified,
  "chaincode-differs": Exit.unavailable,
  "founded-otherwise": Exit.unverified,
  "others-missing": Exit.unavailable,
  "not-up-yet": Exit.unavailable,
  "backup-unreadable": Exit.failed,
  "restore-occupied": Exit.failed,
  "gateway-keys-missing": Exit.failed,
  "change-unreadable": Exit.failed,
  "change-of-another-network": Exit.refused,
  "change-outdated": Exit.refused,
  "change-altered": Exit.unverified,
  "change-signed-already": Exit.refused,
  "change-unsigned": Exit.refused,
  "nothing-revoked": Exit.failed,
  "network-port-in-use": Exit.unavailable,
  "binaries-missing": Exit.unavailable,
  "binary-version": Exit.unavailable,
  "certificate-expired": Exit.unavailable,
  "role-not-hosted": Exit.refused,
  "certificate-unreadable": Exit.failed,
  "certificate-of-another": Exit.failed,
  "process-ended": Exit.unavailable,
  "process-silent": Exit.unavailable,
  "step-failed": Exit.failed,
  "mirror-damaged": Exit.unverified,
  "mirror-not-vouched": Exit.unverified,
  "mirror-rolled-back": Exit.unverified,
  "mirror-forked": Exit.unverified,
  "mirror-leaves-differ": Exit.unverified,
  "mirror-behind": Exit.unavailable,
  "mirror-busy": Exit.unavailable,
  "source-lacks": Exit.failed,
  "source-wrong": Exit.unverified,
  "source-too-large": Exit.unverified,
  "source-too-slow": Exit.unavailable,
  "source-unreachable": Exit.unavailable,
  "witness-refuses": Exit.unverified,
  "witness-nameless": Exit.usage,
  "witness-key-unreadable": Exit.failed,
  "witness-memory-missing": Exit.failed,
  "migrate-not-whole": Exit.unverified,
  "migrate-another": Exit.refused,
  "migrate-differs": Exit.unverified,
  "migrate-refused": Exit.refused,
} as const;

export type FailureCode = keyof typeof exits;

export class Failure extends Error {
  override readonly name = "Failure";
  readonly exit: number;

  constructor(
    readonly code: FailureCode,
    readonly values: Values = {},
    options?: ErrorOptions,
  ) {
    super(text(`error.${code}` satisfies TextKey, values), options);
    this.exit = exits[code];
  }

  /** What to do about it. */
  get next(): string | undefined {
    return textOf("next", this.code, this.values);
  }
}

/** Of a call to the operating system. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Why the operating system refused, in words where we have them. */
export const reasonOf = (error: unknown): string =>
  textOf("reason", systemCode(error) ?? "") ?? (error instanceof Error ? error.message : String(error));

/** In the words of the command line, whatever it was. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (systemCode(error) === "ENOSPC") return new Failure("disk-full", {}, { cause: error });
  return new Failure("unexpected", { reason: reasonOf(error) }, { cause: error });
}
