/** interconnect 互联互通: what is shared with the provincial platform and the city base. Clause 六(三)1. */
import { creditCode, count, day, digest, document, id, oneOf } from "./schema";
import { authorization, fact, type Subject } from "./definition";

const about = (d: { authorization: string }): readonly Subject[] => [authorization(d.authorization)];

export const catalogueShared = fact("interconnect.catalogue-shared", {
  clause: "六(三)1",
  by: ["platform"],
  data: { authorization: id, to: creditCode, catalogue: digest, entries: count },
  about,
});

export const statusSynced = fact("interconnect.status-synced", {
  clause: "六(三)1",
  by: ["platform"],
  data: { authorization: id, to: creditCode, status: oneOf("trial", "active", "suspended", "expired", "terminated") },
  about,
});

export const operationsReported = fact("interconnect.operations-reported", {
  clause: "六(三)1",
  by: ["platform"],
  data: { authorization: id, to: creditCode, from: day, until: day, report: document },
  about,
});

export const types = [catalogueShared, statusSynced, operationsReported];
