/** A story on a running gateway, from the first party to the called product, with one pull beyond its scenario. */
import type { Role } from "../../chaincode/events/definition";
import { AUTHORITY, DEVELOPER, example, METEOROLOGY, OPERATOR, PRODUCT, story, TRANSPORT, FLIGHTS } from "../chaincode/events/world";
import { type Served, suyuan } from "./suyuan";

export { PRODUCT, FLIGHTS };

const roles: Readonly<Record<string, readonly Role[]>> = {
  [AUTHORITY]: ["authority"],
  [OPERATOR]: ["primary-operator", "platform"],
  [DEVELOPER]: ["developer"],
  [TRANSPORT]: ["source"],
  [METEOROLOGY]: ["source"],
};

const tokens = new Map<string, string>();

/** A bearer token of one of the story's parties. */
export async function tokenOf(party: string, { data }: Served): Promise<string> {
  const key = `${data} ${party}`;
  let token = tokens.get(key);
  if (token === undefined) {
    const given = (roles[party] ?? []).flatMap((role) => ["--role", role]);
    token = (await suyuan(["token", "--data", data, "--party", party, ...given])).stdout.trim();
    tokens.set(key, token);
  }
  return token;
}

/** What `suyuan submit` sends, as it stands in a file. */
export const eventOf = (id: string, { type, data }: { type: string; data: object }, time = new Date()): object => ({
  specversion: "1.0",
  id,
  source: "https://platform.example.cn/story",
  type: `suyuan.${type}`,
  time: time.toISOString(),
  data,
});

export interface Told {
  readonly state: string;
  readonly leafHash: string;
  readonly journal: string;
  readonly index: number;
}

/** @returns what the gateway answered for each event, in their order */
export async function tell(served: Served): Promise<readonly Told[]> {
  const beyond = example("data.pulled", OPERATOR, { fields: ["location", "wind"] });
  const at = story.findIndex(({ type }) => type === "data.processed");
  const told: Told[] = [];
  for (const [i, report] of [...story.slice(0, at), ...story.slice(at), beyond].entries()) {
    const response = await fetch(`${served.url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${await tokenOf(report.party, served)}`, "content-type": "application/json" },
      body: JSON.stringify(eventOf(`story-${i}`, report)),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    told.push(answer as Told);
  }
  const last = told.at(-1);
  while (last !== undefined && !(await isShown(served, last.leafHash))) await new Promise((resolve) => setTimeout(resolve, 20));
  return told;
}

/** Whether an event is on the ledger and in the read model. */
async function isShown(served: Served, leafHash: string): Promise<boolean> {
  const response = await fetch(`${served.url}/v1/events/${leafHash}`, {
    headers: { authorization: `Bearer ${await tokenOf(AUTHORITY, served)}` },
  });
  return response.ok && ((await response.json()) as { state: string }).state === "anchored";
}

/** Calls of the product, many in one request, until they are on the ledger and in the read model. */
export async function callProduct(served: Served, count: number, name = "call"): Promise<void> {
  const body = Array.from({ length: count }, (_, i) => eventOf(`${name}-${i}`, example("product.called", DEVELOPER)));
  const response = await fetch(`${served.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${await tokenOf(DEVELOPER, served)}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = (await response.json()) as Told[];
  if (told.some(({ state }) => state !== "accepted")) throw new Error(JSON.stringify(told.find(({ state }) => state !== "accepted")));
  const last = told.reduce((one, other) => (other.index > one.index ? other : one));
  while (!(await isShown(served, last.leafHash))) await new Promise((resolve) => setTimeout(resolve, 20));
}
