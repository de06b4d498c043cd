/** The exit of the story's operator on a real gateway, up to its verification. */
import { inventoryOf } from "../../../chaincode/proof/inventory";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, AUTHORIZATION, example, METEOROLOGY, OPERATOR, type Report, story } from "../../chaincode/events/world";
import { asking, Telling } from "../http/telling";

export const EXIT = "yz-exit-transport";

/** Everything that is held by the end of it: what was pulled and made, and one copy of both. */
const before: readonly Report[] = [
  ...story,
  example("party.registered", AUTHORITY, { code: AGENCY, name: "实施机构", roles: ["implementing-agency"] }),
];

export const ending: readonly Report[] = [
  example("authorization.exit-applied", OPERATOR),
  example("authorization.exit-agreed", AGENCY),
  example("authorization.terminated", AUTHORITY, { ground: "early-exit" }),
];

interface Listed {
  readonly count: number;
  readonly root: string;
  readonly items: readonly {
    readonly holding: string;
    readonly digest: string;
    readonly form: string;
    readonly state: string;
    readonly late?: true;
  }[];
}

export class Exiting {
  private constructor(readonly telling: Telling) {}

  static async start(begin?: Parameters<typeof Telling.start>[1]): Promise<Exiting> {
    return new Exiting(await Telling.start(before, begin));
  }

  inventory(exit = EXIT): Promise<Listed> {
    return this.telling.json<Listed>(`/v1/exits/${exit}/inventory`);
  }

  /** As it is sent. @param path below that of the certificate */
  async certificate(exit = EXIT, path = "", by = asking(AUTHORITY)): Promise<{ readonly status: number; readonly text: string }> {
    const headers = { authorization: `Bearer ${await this.telling.token(by)}` };
    const response = await fetch(`${this.telling.url}/v1/exits/${exit}/certificate${path}`, { headers });
    return { status: response.status, text: await response.text() };
  }

  /** Up to the frozen inventory. */
  async open(): Promise<void> {
    for (const report of ending) await this.telling.tell(report);
    await this.telling.tell(example("exit.opened", AGENCY));
    await this.telling.tell(example("exit.permissions-closed", AGENCY));
    const { count, root } = await this.inventory();
    await this.telling.tell(example("exit.inventory-frozen", AGENCY, { count, root }));
  }

  /** What is outstanding, a page of it. */
  async outstanding(): Promise<
    readonly { readonly holding: string; readonly declared: { readonly digest: string; readonly form: string } }[]
  > {
    const path = `/v1/holdings?authorization=${AUTHORIZATION}&limit=1000`;
    return (await this.telling.json<{ holdings: Awaited<ReturnType<Exiting["outstanding"]>> }>(path)).holdings;
  }

  /** All that is held goes, one log of it stays lawfully. */
  async clear(): Promise<void> {
    for (const { holding, declared } of await this.outstanding()) {
      const { digest, form } = declared;
      await this.telling.tell(example(form === "log" ? "holding.retained" : "holding.deleted", OPERATOR, { holding, digest }));
    }
  }

  /** Its operator voids the report of one deletion: the disk was not erased. */
  async voidDeletion(which = 0): Promise<string> {
    const { items } = await this.telling.json<{ items: readonly { state: string; by?: { journal: string; index: number } }[] }>(
      `/v1/exits/${EXIT}/inventory`,
    );
    const { journal, index } = items.filter(({ state }) => state === "deleted")[which]!.by!;
    await this.void(OPERATOR, `${journal}/${index}`, { subjectKind: "authorization", subject: AUTHORIZATION });
    return `${journal}/${index}`;
  }

  /** With the authority's countersignature, which operators need. */
  async void(party: string, event: string, about: object): Promise<void> {
    const document = { digest: "7".repeat(64) };
    await this.telling.tell(example("correction.countersigned", AUTHORITY, { event, ...about, document }));
    const countersigned = { party: AUTHORITY, signature: document };
    await this.telling.tell(example("correction.voided", party, { event, ...about, reason: "磁盘未擦除", countersigned }));
  }

  async verify(): Promise<void> {
    await this.telling.tell(example("exit.reconciled", AUTHORITY));
    await this.telling.tell(example("exit.residue-scanned", AGENCY));
    await this.telling.tell(example("exit.verified", METEOROLOGY));
  }

  stop(): Promise<void> {
    return this.telling.stop();
  }
}

export const PART_EXIT = "yz-exit-ended";
const [part, ended] = [{ exit: PART_EXIT }, { scenario: "yz-scenario-ended" }];

/** A scenario under which nothing was ever held ends early, after the story. */
export const endedScenario: readonly Report[] = [
  example("party.registered", AUTHORITY, { code: AGENCY, name: "实施机构", roles: ["implementing-agency"] }),
  example("scenario.submitted", OPERATOR, ended),
  example("scenario.closed", OPERATOR, ended),
  example("exit.opened", AGENCY, { ...part, ...ended, leaving: "scenario" }),
  example("exit.permissions-closed", AGENCY, part),
  example("exit.inventory-frozen", AGENCY, { ...part, ...inventoryOf([]) }),
  example("exit.reconciled", AUTHORITY, part),
  example("exit.residue-scanned", AGENCY, part),
  example("exit.verified", METEOROLOGY, part),
];
