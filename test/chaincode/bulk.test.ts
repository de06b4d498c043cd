import { expect } from "chai";
import { peer } from "@hyperledger/fabric-protos";
import type { ChaincodeStub } from "fabric-shim-api";
import { bulkOf } from "../../chaincode/bulk";

const { Type } = peer.ChaincodeMessage;

/** What the peer is sent, read by Fabric's own messages; and a state that answers. */
class Peer {
  readonly state = new Map<string, Buffer>([
    ["\u0000chain\u0000resource\u0000数据\u0000", Buffer.from("{}")],
    ["long", Buffer.alloc(70_000, 7)],
  ]);

  readonly stub = {
    getChannelID: () => "channel",
    getTxID: () => "transaction",
    handler: {
      handleGetState(_collection: string, key: string, channel: string, transaction: string): Promise<Buffer> {
        const message = new peer.ChaincodeMessage();
        const one = new peer.GetState();
        one.setKey(key);
        message.setType(Type.GET_STATE);
        message.setPayload(one.serializeBinary());
        message.setChannelId(channel);
        message.setTxid(transaction);
        return this._askPeerAndListen(message);
      },
      _askPeerAndListen: (message: peer.ChaincodeMessage): Promise<Buffer> => {
        expect([message.getChannelId(), message.getTxid()]).to.deep.equal(["channel", "transaction"]);
        return Promise.resolve(Buffer.from(this.#answer(message)));
      },
    },
  } as unknown as ChaincodeStub;

  #answer(message: peer.ChaincodeMessage): Uint8Array {
    switch (message.getType()) {
      case Type.GET_STATE_MULTIPLE: {
        const keys = peer.GetStateMultiple.deserializeBinary(message.getPayload_asU8()).getKeysList();
        const result = new peer.GetStateMultipleResult();
        result.setValuesList(keys.map((key) => this.state.get(key) ?? new Uint8Array()));
        return result.serializeBinary();
      }
      case Type.WRITE_BATCH_STATE:
        for (const record of peer.WriteBatchState.deserializeBinary(message.getPayload_asU8()).getRecList()) {
          if (record.getType() === peer.WriteRecord.Type.PUT_STATE) this.state.set(record.getKey(), Buffer.from(record.getValue_asU8()));
          else if (record.getType() === peer.WriteRecord.Type.DEL_STATE) this.state.delete(record.getKey());
          else throw new Error(`a record of type ${record.getType()}`);
        }
        return new Uint8Array();
      default:
        throw new Error(`a message of type ${message.getType()}`);
    }
  }
}

describe("many keys of the state in one message", () => {
  const before = process.env["CHAINCODE_STATE_IN_BULK"];
  beforeEach(() => (process.env["CHAINCODE_STATE_IN_BULK"] = "true"));
  afterEach(() => {
    if (before === undefined) delete process.env["CHAINCODE_STATE_IN_BULK"];
    else process.env["CHAINCODE_STATE_IN_BULK"] = before;
  });

  it("reads as many values as there are keys, in their order, empty where there is none", async () => {
    const { stub, state } = new Peer();
    const keys = ["missing", ...state.keys(), "missing too"];
    const values = await bulkOf(stub)?.read(keys);
    expect(values?.map((value) => Buffer.from(value).toString("hex"))).to.deep.equal(
      keys.map((key) => (state.get(key) ?? Buffer.alloc(0)).toString("hex")),
    );
  });

  it("puts and deletes in one message", async () => {
    const { stub, state } = new Peer();
    await bulkOf(stub)?.write([
      ["long", undefined],
      ["\u0000新\u0000", Buffer.from("值")],
      ["short", Buffer.from("1")],
    ]);
    expect([...state].map(([key, value]) => [key, value.toString("utf8")])).to.deep.equal([
      ["\u0000chain\u0000resource\u0000数据\u0000", "{}"],
      ["\u0000新\u0000", "值"],
      ["short", "1"],
    ]);
  });

  it("refuses an answer that is no list of values", async () => {
    const { stub } = new Peer();
    const { handler } = stub as unknown as { handler: { _askPeerAndListen: () => Promise<Buffer> } };
    handler._askPeerAndListen = () => Promise.resolve(Buffer.of(1, 2, 3));
    expect(
      await bulkOf(stub)
        ?.read(["key"])
        .catch((error: unknown) => error),
    ).to.be.an.instanceOf(Error);
  });

  it("is for peers that are known to take it", () => {
    process.env["CHAINCODE_STATE_IN_BULK"] = "false";
    expect(bulkOf(new Peer().stub)).to.be.undefined;
  });
});
