/** The key of an authorization's fingerprints: who holds its data makes them and looks for them, as long as something may be left. */
import { createHmac } from "node:crypto";
import type { Role } from "../../chaincode/events/definition";
import { object } from "./answer-schemas";
import { subjectId } from "./parameters";
import { Problem } from "./problem";
import { asJson, custom } from "./query";

const HOLDERS: readonly Role[] = ["platform", "primary-operator", "implementing-agency"];

export const authorizationKey = custom("/v1/authorizations/{id}/key", {
  id: "authorizationKey",
  tag: "trace",
  zh: "指纹密钥",
  en: "The key of an authorization's fingerprints",
  detail: "For who holds its data. Once the operator's exit is certified, nobody gets it any more.",
  parameters: { id: subjectId },
  problems: ["not-allowed"],
  forms: asJson<{ authorization: string; key: string }>(
    object({ authorization: { type: "string" }, key: { type: "string", pattern: "^[0-9a-f]{64}$" } }),
  ),
  async answer({ id }, { readModel, fingerprinting }, asker) {
    if (asker?.roles.some((role) => HOLDERS.includes(role)) !== true) throw new Problem("not-allowed");
    const reader = await readModel.reader(undefined, asker);
    if ((await reader.subject({ kind: "authorization", id })) === undefined || (await reader.isExitCertified(id))) return undefined;
    return { authorization: id, key: createHmac("sha256", fingerprinting).update(`fingerprints\0${id}`).digest("hex") };
  },
});
