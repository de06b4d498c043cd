/** The plain chaincode package on a peer that builds and starts chaincode itself, as peers do that have Docker: here by programs of a few lines. */
import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { dump, load } from "js-yaml";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { readConnection } from "../../gateway/ledger/fabric-connection";
import { OrganisationFiles, write } from "../../network/directory";
import { Network } from "../../network/network";
import { serviceOf } from "../../network/processes/services";
import { type Organisation, portOf, type Topology } from "../../network/topology";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { CHAINCODE } from "./four";
import { declareOnFreePorts } from "./declared";

const TITLE = "a peer that builds chaincode itself";
const SCRIPT = join(__dirname, "..", "..", "scripts", "package-chaincode.js");
/** Here everything lies that npm would bring, and more: of which only what the package's own lock names is taken. */
const ROOT = resolve();

/** What each program of a builder is given: see Fabric's "External Builders and Launchers". */
const BUILDER = {
  detect: `
const [, metadata] = args;
if (JSON.parse(fs.readFileSync(metadata + "/metadata.json")).type !== "node") process.exit(1);`,
  build: `
const [source, , output] = args;
fs.cpSync(source + "/src", output, { recursive: true });
for (const at of Object.keys(JSON.parse(fs.readFileSync(output + "/package-lock.json")).packages))
  if (at !== "") fs.cpSync(${JSON.stringify(ROOT)} + "/" + at, output + "/" + at, { recursive: true, filter: (from) => !from.endsWith("/node_modules") });
fs.mkdirSync(output + "/node_modules/.bin");
fs.symlinkSync("../fabric-shim/cli.js", output + "/node_modules/.bin/fabric-chaincode-node");`,
  run: `
const [output, given] = args;
const told = JSON.parse(fs.readFileSync(given + "/chaincode.json"));
const file = (name) => (fs.writeFileSync(given + "/" + name, Buffer.from(told[name]).toString(name === "root_cert" ? "utf8" : "base64")), given + "/" + name);
const env = {
  ...process.env,
  CORE_CHAINCODE_ID_NAME: told.chaincode_id,
  CORE_PEER_LOCALMSPID: told.mspid,
  CORE_PEER_TLS_ENABLED: "true",
  CORE_PEER_TLS_ROOTCERT_FILE: file("root_cert"),
  CORE_TLS_CLIENT_KEY_PATH: file("client_key"),
  CORE_TLS_CLIENT_CERT_PATH: file("client_cert"),
};
const npm = require("child_process").spawn("npm", ["start", "--", "--peer.address", told.peer_address], { cwd: output, env, stdio: "inherit" });
npm.on("exit", (code) => process.exit(code ?? 1));`,
} as const;

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(120_000);
    let base: string;
    let network: Network;
    let organisation: Organisation;
    let own: OrganisationFiles;

    before(async () => {
      base = await mkdtemp(join(tmpdir(), "suyuan-plain-"));
      const file = await declareOnFreePorts(base);
      const declared = load(await readFile(file, "utf8")) as Topology;
      await writeFile(file, dump({ ...declared, ordering: "raft", organisations: declared.organisations.slice(0, 1) }));
      network = await Network.init(join(base, "network"), file);
      organisation = network.topology.organisations[0]!;
      own = new OrganisationFiles(network.directory, organisation);
    });
    after(async () => {
      await network.down();
      await rm(base, { recursive: true, force: true });
    });

    /** Its peer takes packages of type `node`, and listens for the chaincode that it starts. */
    async function letItBuild(): Promise<void> {
      const folder = join(own.node("peer").root, "plain");
      for (const [program, source] of Object.entries(BUILDER)) {
        const file = join(folder, "bin", program);
        await write(file, `#!${process.execPath}\nconst fs = require("fs");\nconst args = process.argv.slice(2);${source}\n`);
        await chmod(file, 0o755);
      }
      const core = join(own.node("peer").root, "core.yaml");
      const { peer, chaincode, ...others } = load(await readFile(core, "utf8")) as Record<"peer" | "chaincode", object>;
      const chaincodeListenAddress = `${organisation.host}:${portOf(organisation, "ordererOperations") + 1}`;
      const externalBuilders = [{ name: "plain", path: "plain" }];
      await write(core, dump({ ...others, peer: { ...peer, chaincodeListenAddress }, chaincode: { ...chaincode, externalBuilders } }));
    }

    it("installs the plain package, starts it by npm, and answers by it", async () => {
      await letItBuild();
      const said = execFileSync(process.execPath, [SCRIPT, own.chaincode.package], { encoding: "utf8", env: { LANG: "C" } });
      const id = /suyuan_[\d.]+:[0-9a-f]{64}/.exec(said)?.[0];
      // What `up` installs then. The service that it starts beside it has nothing to do.
      await mkdir(own.chaincode.code);
      await write(own.chaincode.deployed, JSON.stringify({ id, main: CHAINCODE.entry, version: CHAINCODE.version }));
      await network.up(CHAINCODE, () => undefined);
      await serviceOf(network.directory, organisation, "chaincode").stop();

      const ledger = new FabricGatewayLedger(readConnection(own.connection, organisation.name));
      try {
        const { result } = await ledger.submit({ transaction: "head", args: [Buffer.from("AuthorityMSP/facts")] });
        expect(JSON.parse(Buffer.from(result).toString("utf8"))).to.deep.equal({ journal: "AuthorityMSP/facts", size: 0 });
      } finally {
        await ledger.close();
      }
    });
  });
});
