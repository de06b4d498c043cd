/**
 * The key of an authorization's fingerprints: who holds its data makes them and looks for them, as long as something may be left; an assessor, who may
 * be called to verify, while an exit from it is under way.
 */
import { createHmac } from "node:crypto";
import type { Role } from "../../chaincode/events/definition";
import { leavingFrom } from "../exit/state";
import { object } from "./answer-schemas";
import { subjectId } from "./parameters";
import { Problem } from "./problem";
import { asJson, custom } from "./query";

const HOLDERS: readonly Role[] = ["platform", "primary-operator", "implementing-agency"];
const VERIFIERS: readonly Role[] = ["assessor"];

export const authorizationKey = custom("/v1/authorizations/{id}/key", {
  id: "authorizationKey",
  toLeavers: true,
  tag: "trace",
  zh: "指纹密钥",
  en: "The key of an authorization's fingerprints",
  detail:
    "For who holds its data, and for assessors while an exit from it, or from a part of it, is under way. Once the operator's exit is certified, nobody gets it any more, unless the certificate says no more how things stand: its inventory was frozen anew, residue was found, or something was declared since.",
  parameters: { id: subjectId },
  problems: ["key-withheld"],
  forms: asJson<{ authorization: string; key: string }>(
    object({ authorization: { type: "string" }, key: { type: "string", pattern: "^[0-9a-f]{64}$" } }),
  ),
  async answer({ id }, { readModel, fingerprinting }, asker) {
    const isOne = (of: readonly Role[]): boolean => asker?.roles.some((role) => of.includes(role)) === true;
    if (!isOne(HOLDERS) && !isOne(VERIFIERS)) throw new Problem("key-withheld");
    const reader = await readModel.reader(undefined, asker);
    const { isUnderWay, isOver } = await leavingFrom(await readModel.reader(), id, Date.now());
    if (!isOne(HOLDERS) && !isUnderWay) throw new Problem("key-withheld");
    if ((await reader.subject({ kind: "authorization", id })) === undefined) return undefined;
    if (isOver) throw new Problem("key-withheld");
    return { authorization: id, key: createHmac("sha256", fingerprinting).update(`fingerprints\0${id}`).digest("hex") };
  },
});
