/** What organisations have to say alike while the ledger grows: histories, traces and heads are asked for under load, and each verifies. */
import { expect } from "chai";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { StreamVerdict } from "../../gateway/evidence/event-stream";
import { issueToken } from "../../gateway/keys";
import { parseTrust } from "../../gateway/evidence/trust";
import { verifyStream } from "../../gateway/evidence/verify-stream";
import examples from "../../chaincode/events/data.examples.json";
import { onFabric } from "../gateway/ledger/fabric-network";
import { Served } from "../scripts/suyuan";
import { Four } from "./four";
import { SAMPLE } from "../sample";

const TITLE = "evidence of a network under load";
const AUTHORITY = "11990000MB1A0001XD";
const OPERATOR = "91990000MA1A00024N";
const SENDERS = 8;
/** Subjects that the load is about, so that each is named in every block, and none has too long a history. */
const SUBJECTS = 50;
const TIMES = SAMPLE ? 10 : 40;

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    let served: Served;
    let ended = false;
    let sent = 0;
    let senders: Promise<void>[] = [];
    let operator = "";
    let authority = "";

    before(async () => {
      await four.make();
      await four.init();
      await four.up();
      const base = join(four.network.directory, "..");
      const more = (name: string): string[] => ["--network", join(four.network.directory, name, "connection.json"), "--org", name];
      const first = await Served.start(join(base, "data-authority"), {}, "inherit", more("authority"));
      const token = await issueToken(first.data, { party: AUTHORITY, roles: ["authority"], seconds: 3600 });
      const act = {
        type: "suyuan.party.registered",
        data: { code: OPERATOR, name: "某运营公司", roles: ["primary-operator", "platform"] },
      };
      const [registered] = (await (await post(first, token, [eventOf(act, AUTHORITY)])).json()) as [{ state: string }];
      expect(registered.state).to.equal("anchored");
      await first.stop();
      served = await Served.start(join(base, "data-operator"), {}, "inherit", more("operator"));
      operator = await issueToken(served.data, { party: OPERATOR, roles: ["primary-operator", "platform"], seconds: 3600 });
      authority = await issueToken(served.data, { party: AUTHORITY, roles: ["authority"], seconds: 3600 });
      senders = Array.from({ length: SENDERS }, sending);
    });
    after(async () => {
      ended = true;
      await Promise.allSettled(senders);
      await served.stop();
      await four.remove();
    });

    const eventOf = ({ type, data }: { readonly type: string; readonly data: object }, party: string): object => ({
      ...{ specversion: "1.0", id: randomUUID(), source: "https://platform.example.cn/load", time: new Date().toISOString() },
      ...{ type, party, data },
    });
    const post = (to: Served, token: string, events: readonly object[]): Promise<Response> =>
      fetch(`${to.url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(events),
      });

    async function sending(): Promise<void> {
      const facts = (): readonly object[] =>
        Array.from({ length: SUBJECTS }, (_, i) => {
          const data = { ...examples["suyuan.data.accessed"].valid, authorization: `auth-${i}` };
          return eventOf({ type: "suyuan.data.accessed", data }, OPERATOR);
        });
      while (!ended) {
        const response = await post(served, operator, facts());
        sent += ((await response.json()) as unknown[]).length;
        await pause(100);
      }
    }

    /** @returns what it proves, or the code of the refusal */
    async function asked(path: string): Promise<readonly StreamVerdict[] | string> {
      const response = await fetch(`${served.url}${path}`, {
        headers: { authorization: `Bearer ${authority}`, accept: "application/x-ndjson" },
      });
      if (!response.ok) return ((await response.json()) as { code: string }).code;
      const verdicts: StreamVerdict[] = [];
      const trust = parseTrust(await readFile(join(served.data, "trust.json")));
      for await (const verdict of verifyStream(response.body as AsyncIterable<Uint8Array>, trust)) verdicts.push(verdict);
      return verdicts;
    }

    it("is given each time that it is asked for, and verifies", async () => {
      const path = "/v1/subjects/authorization/auth-7/events";
      const [refused, waits, counts]: [string[], number[], number[]] = [[], [], []];
      const before = sent;
      for (let i = 0; i < TIMES; i++) {
        const started = performance.now();
        const verdicts = await asked(path);
        waits.push(performance.now() - started);
        if (typeof verdicts === "string") refused.push(verdicts);
        else {
          counts.push(verdicts[0]?.events ?? 0);
          expect(verdicts[0]?.proven).to.include.members(["every-record-of-subject", "head-attested-by-organisations"]);
        }
      }
      waits.sort((a, b) => a - b);
      const at = (share: number): string => (waits[Math.floor(share * (waits.length - 1))] ?? 0).toFixed(0);
      process.stdout.write(
        `      ${TIMES} histories of up to ${counts.at(-1)} events while ${sent - before} were sent: ${refused.length} refused; median ${at(0.5)} ms, longest ${at(1)} ms\n`,
      );
      expect(refused).to.deep.equal([]);
      expect(counts.at(-1)).to.be.above(counts[0] ?? 0);
    });
  });
});
