import { expect } from "chai";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { checkpointSigners, readCheckpoint, signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { signNote } from "../../../gateway/evidence/note";
import { generateSignerKey } from "../../../gateway/evidence/note-key";
import { codeOf } from "./ledger";

const root = leafHash(Buffer.from("leaf"));
const ROOT = Buffer.from(root).toString("base64");

describe("checkpoint", () => {
  it("states origin, size and root on three lines", async () => {
    const { key } = await generateSignerKey("ledger.example/facts");
    const text = await signCheckpoint(20_852_163, root, key);
    expect(text.startsWith(`ledger.example/facts\n20852163\n${ROOT}\n\n— ledger.example/facts `)).to.equal(true);
    const { origin, size, root: read } = readCheckpoint(text);
    expect({ origin, size, root: Buffer.from(read).toString("base64") }).to.deep.equal({
      origin: "ledger.example/facts",
      size: 20_852_163,
      root: ROOT,
    });
  });

  it("reads the example of the specification", () => {
    const example =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    expect(readCheckpoint(example).size).to.equal(20_852_163);
  });

  it("is refused when malformed", async () => {
    const { key } = await generateSignerKey("o");
    const bad = [
      "o\n1\n",
      `o\n01\n${ROOT}\n`,
      `o\n-1\n${ROOT}\n`,
      `o\n1e3\n${ROOT}\n`,
      `o\n9007199254740992\n${ROOT}\n`,
      `\n1\n${ROOT}\n`,
      "o\n1\nAAAA\n",
      `o\n1\n${ROOT.slice(0, -1)}\n`,
      `o\n1\n${ROOT}\n\nx\n`,
      `o\n\n1\n${ROOT}\n`,
      `o\n1 \n${ROOT}\n`,
    ];
    for (const text of bad)
      expect(await codeOf(async () => readCheckpoint(await signNote(text, key))), JSON.stringify(text)).to.equal("checkpoint-malformed");
    expect(readCheckpoint(await signNote(`o\n0\n${ROOT}\nextension\n`, key)).size).to.equal(0);
  });

  it("is signed by whom it names, or not at all", async () => {
    const { key } = await generateSignerKey("ledger.example/facts");
    const { key: successor } = await generateSignerKey("ledger.example/facts");
    const { key: other } = await generateSignerKey("ledger.example/acts");
    const checkpoint = readCheckpoint(await signCheckpoint(1, root, key));
    expect(await checkpointSigners(checkpoint, [successor.verifier, key.verifier])).to.deep.equal([key.verifier]);
    expect(await codeOf(() => checkpointSigners(checkpoint, [successor.verifier, other.verifier]))).to.equal("key-not-in-trust");
    const foreign = readCheckpoint(await signNote(`ledger.example/facts\n1\n${ROOT}\n`, other));
    expect(await codeOf(() => checkpointSigners(foreign, [key.verifier, other.verifier]))).to.equal("checkpoint-key-unknown");
    const forged = readCheckpoint((await signCheckpoint(1, root, key)).replace("\n1\n", "\n2\n"));
    expect(await codeOf(() => checkpointSigners(forged, [key.verifier]))).to.equal("checkpoint-signature-wrong");
  });
});
