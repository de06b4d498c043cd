/** party 主体管理: who takes part, in which roles. Clauses 四(二), 七(五)9. */
import { creditCode, list, oneOf, text } from "./schema";
import { act, party, type Role, ROLES, rule, table, type World } from "./definition";

export interface Party {
  readonly roles: readonly Role[];
  /** MSP ID of the organisation that speaks for this party. */
  readonly host: string;
}

export const parties = table<Party>("party");

/** The check character of GB 32100-2015: weights are the powers of 3 modulo 31. */
export function creditCodeValid(code: string): boolean {
  if (code.length !== 18) return false;
  const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  let sum = 0;
  let weight = 1;
  for (const character of code.slice(0, 17)) {
    sum += alphabet.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return alphabet[(31 - (sum % 31)) % 31] === code[17];
}

const codeValid = rule("credit-code-invalid", ({ data }: { data: { code: string } }) => !creditCodeValid(data.code));

/** A party has one host: all its roles are spoken for by one organisation, and there is one. */
const oneHost = rule("not-your-event", ({ data }: { data: { roles: readonly Role[] } }, world) => {
  const [host, ...others] = new Set(data.roles.map((role) => world.host(role)));
  return host === undefined || others.length > 0;
});

/** The authority may do it to anything; anyone else only to what is their own. */
export const ownOrAuthority = (world: World, party: string, owner: string | undefined): boolean =>
  owner === party || world.get(parties, party)?.roles.includes("authority") === true;

const notTwice = rule("party-exists", ({ data }: { data: { code: string } }, world) => world.get(parties, data.code) !== undefined);

export const registered = act("party.registered", {
  clause: "七(五)9",
  by: ["authority"],
  data: { code: creditCode, name: text, roles: list(oneOf(...ROLES), { min: 1 }) },
  about: (d) => [party(d.code)],
  rules: [codeValid, notTwice, oneHost],
  effects: ({ data }, world) => {
    const [role] = data.roles;
    const host = role === undefined ? undefined : world.host(role);
    if (host !== undefined) world.put(parties, data.code, { roles: data.roles, host });
  },
});

export const types = [registered];
