import { expect } from "chai";
import { dump, load } from "js-yaml";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROLES } from "../../chaincode/events/definition";
import { NetworkError } from "../../network/errors";
import { addressOf, genesisOf, PORTS, readTopology, type Topology } from "../../network/topology";
import { inDirectory } from "../scripts/suyuan";

const SHIPPED = join("network", "topology.yaml");

async function codeOf(text: string): Promise<[string, string | number | undefined]> {
  return inDirectory(async (directory) => {
    const file = join(directory, "topology.yaml");
    await writeFile(file, text);
    try {
      await readTopology(file);
    } catch (error) {
      if (error instanceof NetworkError) return [error.code, error.values["field"]];
      throw error;
    }
    return ["none", undefined];
  });
}

describe("topology", () => {
  it("is four organisations on one machine, ordering by BFT, endorsing by majority", async () => {
    const { organisations, ordering, endorsement } = await readTopology(SHIPPED);
    expect(organisations.map(({ name }) => name)).to.deep.equal(["authority", "operator", "developer", "source"]);
    expect([ordering, endorsement]).to.deep.equal(["bft", "majority"]);
  });

  it("gives every role one host, and names the authority", async () => {
    const topology = await readTopology(SHIPPED);
    expect(topology.organisations.flatMap(({ roles }) => roles).sort()).to.deep.equal([...ROLES].sort());
    expect(genesisOf(topology)).to.have.nested.property("authority.code", "11990000MB1A0001XD");
  });

  it("gives every listener of every organisation an address of its own", async () => {
    const { organisations } = await readTopology(SHIPPED);
    const addresses = organisations.flatMap((one) => (Object.keys(PORTS) as (keyof typeof PORTS)[]).map((it) => addressOf(one, it)));
    expect(new Set(addresses).size).to.equal(32);
  });

  it("says what is wrong, and where", async () => {
    const good = load(await readFile(SHIPPED, "utf8")) as Topology & { organisations: Record<string, unknown>[] };
    const changed = (change: (it: typeof good) => void): string => {
      const copy = structuredClone(good);
      change(copy);
      return dump(copy);
    };
    const first = (it: typeof good): Record<string, unknown> => it.organisations[0] ?? {};
    expect(await codeOf(dump(good))).to.deep.equal(["none", undefined]);
    expect(await codeOf("a: [")).to.deep.equal(["topology-unreadable", undefined]);
    expect(await codeOf("x")).to.deep.equal(["topology-invalid", ""]);
    expect(await codeOf(changed((it) => Object.assign(it, { ordering: "solo" })))).to.deep.equal(["topology-invalid", "/ordering"]);
    expect(await codeOf(changed((it) => Object.assign(it, { gatewayService: false })))).to.deep.equal([
      "topology-invalid",
      "gatewayService",
    ]);
    expect(await codeOf(changed((it) => Object.assign(it, { gatewayService: false, ordering: "raft" })))).to.deep.equal([
      "none",
      undefined,
    ]);
    expect(await codeOf(changed((it) => Object.assign(first(it), { port: 80 })))).to.deep.equal([
      "topology-invalid",
      "/organisations/0/port",
    ]);
    expect(await codeOf(changed((it) => Object.assign(first(it), { name: "../x" })))).to.deep.equal([
      "topology-invalid",
      "/organisations/0/name",
    ]);
    expect(await codeOf(changed((it) => Object.assign(first(it), { name: "operator" })))).to.deep.equal(["topology-invalid", "name"]);
    expect(await codeOf(changed((it) => Object.assign(first(it), { port: 17_112 })))).to.deep.equal(["topology-invalid", "port"]);
  });

  it("takes no name that would be more than a name in a path, a command, a certificate or a policy", async () => {
    const good = load(await readFile(SHIPPED, "utf8")) as Topology & { organisations: Record<string, unknown>[] };
    const hostile: readonly (readonly [string, string])[] = [
      ...["../x", "a/b", "-rf", "a b", "$(touch x)", "a;b", "a\nb", "public", "channel", "", "组织"].map(
        (value) => ["name", value] as const,
      ),
      ...["A'.admin', 'B", "A,O=Other", "A/B", "A B", "../A", "", "-A"].map((value) => ["mspId", value] as const),
      ...["-x", "a b", "a;b", "a,b", "a:1", "[::1]", "", "a\n"].map((value) => ["host", value] as const),
    ];
    for (const [field, value] of hostile) {
      const copy = structuredClone(good);
      Object.assign(copy.organisations[1]!, { [field]: value });
      expect(await codeOf(dump(copy)), `${field} ${value}`).to.deep.equal(["topology-invalid", `/organisations/1/${field}`]);
    }
    for (const [field, value] of [
      ["network", "a,O=other"],
      ["network", "a/../b"],
      ["channel", "--help"],
      ["chaincode", "a:b"],
    ] as const)
      expect(await codeOf(dump({ ...structuredClone(good), [field]: value })), `${field} ${value}`).to.deep.equal([
        "topology-invalid",
        `/${field}`,
      ]);
  });
});
