/** complaint 投诉: what anyone may say, and what is answered. Clause 七(一)5. */
import { sameHands } from "./party";
import { digest, document, id, optional, text } from "./schema";
import { recordIn, type Stepped, stands } from "./steps";
import { act, authorization, fact, ROLES, rule, type Subject, table } from "./definition";

interface Complaint extends Stepped {
  /** Credit code of who made it, and is told the answer. Nobody is where others used its number too before there was one. */
  readonly party?: string;
}

export const complaints = table<Complaint>("complaint");

const complaint = (id: string): Subject => ({ kind: "complaint", id });

/** The number of its receipt (受理编号) is its name; a complaint may be made without a name. */
export const received = fact("complaint.received", {
  clause: "七(一)5",
  by: ROLES,
  data: { complaint: id, complainant: optional(digest), authorization: optional(id), matter: text, evidence: optional(document) },
  about: (d) => [complaint(d.complaint), ...(d.authorization === undefined ? [] : [authorization(d.authorization)])],
  effects: ({ data, party, recorded }, world) => {
    const it = world.get(complaints, data.complaint);
    if (it === undefined) world.put(complaints, data.complaint, { party, steps: {} });
    else if (it.party !== undefined && !sameHands(world, it.party, party) && !stands(it, "answered", recorded))
      world.put(complaints, data.complaint, { steps: it.steps });
  },
});

const known = rule(
  "complaint-unknown",
  ({ data }: { data: { complaint: string } }, world) => world.get(complaints, data.complaint) === undefined,
);

export const answered = act("complaint.answered", {
  clause: "七(一)5",
  by: ["authority"],
  data: { complaint: id, answer: text, letter: optional(document) },
  about: (d) => [complaint(d.complaint)],
  rules: [known],
  on: recordIn(complaints, (d: { complaint: string }) => d.complaint),
});

export const types = [received, answered];
