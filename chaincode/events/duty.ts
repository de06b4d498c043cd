/** Who owes which duty (义务): what gateways tell to be overdue is theirs, whoever began it. When each is due, gateways count. */
import type { Role } from "./definition";

export const OWED_BY = {
  filing: "authority",
  "trial-assessment": "authority",
  renewal: "primary-operator",
  evaluation: "authority",
  rectification: "primary-operator",
  audit: "primary-operator",
  "security-report": "primary-operator",
  "operation-report": "primary-operator",
  "disclosure-of-authorizations": "authority",
  "disclosure-of-products": "primary-operator",
  "exit-reconciling": "authority",
  "exit-verifying": "assessor",
  "exit-certifying": "authority",
  "log-retention": "primary-operator",
  backups: "primary-operator",
  "emergency-review": "authority",
  "catalogue-update": "source",
  purge: "primary-operator",
  "asset-check": "primary-operator",
  "incident-follow-up": "primary-operator",
  calendar: "authority",
} as const satisfies Readonly<Record<string, Role>>;

/** @param duty its name and, after a colon, which of several it is */
export const owing = (duty: string): Role | undefined => new Map<string, Role>(Object.entries(OWED_BY)).get(duty.split(":")[0] ?? "");
