/** The steps of a verification, in the order in which they are taken, so that whoever reads the outcome sees how far it got. Words: `verdict.labels.json`. */

/** - `form`: the file and what it carries can be read, and its parts answer each other
 *  - `promise`: the promise is signed by the journal's key, for this record at this index
 *  - `inclusion`: the record is in the tree that the file speaks of
 *  - `head`: checkpoint and attestation speak of the same journal, size and root
 *  - `known`: the trust file knows that network and journal
 *  - `time`: the attestation is of a time that can be
 *  - `attestation`: who may attest did, with good signatures and certificates, and enough of them
 *  - `checkpoint`: the journal's own key, in force then, signed its head */
export const STEPS = ["form", "promise", "inclusion", "head", "known", "time", "attestation", "checkpoint"] as const;
export type Step = (typeof STEPS)[number];

/** Told of each step as it begins. */
export type Enter = (step: Step) => void;
export const silently: Enter = () => undefined;
