/** What a change is about: the certificates of an organisation's orderer, the list of what its authority has revoked. */
export const CHANGE_KINDS = ["consenter", "revocation"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
