/** How a ledger begins: which organisation speaks for which roles, and who the authority is. */
import Ajv from "ajv";
import { ROLES, type Role } from "./events/definition";
import { creditCodeValid } from "./events/party";
import { creditCode, object } from "./events/schema";
import { ContractError } from "./errors";
import { parseStrict } from "./proof/canonical";
import { MSP_ID } from "./proof/holding-name";

/** Who speaks for whom, fixed when the ledger begins. */
export interface Genesis {
  /** Roles whose parties an organisation hosts, by its MSP ID. */
  readonly hosts: Readonly<Record<string, readonly Role[]>>;
  /** The first party: the authority (市数据主管部门), who registers all others. */
  readonly authority: { readonly code: string; readonly name: string };
}

/** What the ledger keeps of its beginning. */
export interface Foundation extends Genesis {
  /** Name of the chaincode on its channel; not known of ledgers that began before it was written down. */
  readonly chaincode?: string;
  /** While the history of another ledger is taken over: nothing else is appended then. */
  readonly importing?: true;
}

/** JSON Schema of a {@link Genesis}. */
export const genesisSchema = {
  type: "object",
  properties: {
    hosts: {
      type: "object",
      propertyNames: { type: "string", pattern: `^${MSP_ID}$` },
      additionalProperties: { type: "array", items: { enum: ROLES } },
    },
    authority: object({ code: creditCode, name: { schema: { type: "string", minLength: 1, maxLength: 200 } } }),
  },
  required: ["hosts", "authority"],
  additionalProperties: false,
} as const;

const isGenesis = new Ajv({ strict: true }).compile<Genesis>(genesisSchema);

/** @throws ContractError `arguments-malformed` unless MSP IDs are such as name journals, every role has at most one host, the authority has one, and its code is sound */
export function genesisFrom(json: string): Genesis {
  const malformed = new ContractError("arguments-malformed");
  const parsed = parseStrict(json);
  if (parsed.problem !== undefined || !isGenesis(parsed.value)) throw malformed;
  const { hosts, authority } = parsed.value;
  const hosted = Object.values(hosts).flat();
  const sound = new Set(hosted).size === hosted.length && hosted.includes("authority") && creditCodeValid(authority.code);
  if (!sound) throw malformed;
  return { hosts, authority: { code: authority.code, name: authority.name } };
}

/** The organisation that speaks for parties of this role. */
export const hostOf = ({ hosts }: Genesis, role: Role): string | undefined =>
  Object.keys(hosts).find((mspId) => hosts[mspId]?.includes(role));
