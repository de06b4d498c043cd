/** Disclosure (披露): what everyone may know, without a token. */
import { listOf, ref } from "./answer-schemas";
import { query } from "./query";

export const disclosure = query("/v1/disclosure", {
  id: "disclosure",
  tag: "trace",
  zh: "披露",
  en: "For everyone: authorised parties, scope and term, and the products that are released",
  open: true,
  parameters: {},
  answers: { authorizations: listOf(ref("Disclosed")) },
  ask: async (reader) => ({ authorizations: await reader.disclosed(Date.now()) }),
});
