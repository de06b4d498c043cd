/** asset 资产台账: the platform's assets and the data assets of the operator. Clauses 六(五)1-2. */
import { ownOrAuthority } from "./party";
import { SENSITIVITY } from "./catalogue";
import { document, id, oneOf, optional, text } from "./schema";
import { recordIn, type Stepped, stands } from "./steps";
import { act, fact, resource, rule, type Subject, table } from "./definition";

export interface Asset extends Stepped {
  /** Credit code of the operator that keeps the register. */
  readonly operator: string;
  readonly kind: "platform" | "data";
}

export const assets = table<Asset>("asset");

interface Named {
  readonly data: { readonly asset: string };
}

const itsRecord = recordIn(assets, (d: Named["data"]) => d.asset);
const asset = (id: string): Subject => ({ kind: "asset", id });

const notTwice = rule("asset-exists", ({ data }: Named, world) => world.get(assets, data.asset) !== undefined);

export const registered = act("asset.registered", {
  clause: "六(五)1",
  by: ["primary-operator"],
  data: {
    asset: id,
    kind: oneOf("platform", "data"),
    name: text,
    /** 归属. */
    ownership: text,
    /** 使用规范; of data, 使用范围及权限. */
    usage: text,
    /** Of data: where it comes from, and how sensitive it is. */
    resource: optional(id),
    sensitivity: optional(oneOf(...SENSITIVITY)),
  },
  about: (d) => [asset(d.asset), ...(d.resource === undefined ? [] : [resource(d.resource)])],
  rules: [notTwice],
  effects: ({ data, party }, world) => world.put(assets, data.asset, { operator: party, kind: data.kind, steps: {} }),
  on: itsRecord,
});

/** Registered, by this operator, and not retired: when it was checked, or now that it is to be retired. */
const registeredBefore = (when: "happened" | "recorded") =>
  rule("asset-unknown", (event: Named & { party: string; happened: number; recorded: number }, world) => {
    const it = world.get(assets, event.data.asset);
    return it === undefined || !ownOrAuthority(world, event.party, it.operator) || stands(it, "retired", event[when]);
  });

/** 清查盘点. */
export const checked = fact("asset.checked", {
  clause: "六(五)1",
  by: ["primary-operator"],
  data: { asset: id, result: oneOf("in-order", "idle", "damaged", "missing"), report: optional(document), note: optional(text) },
  about: (d) => [asset(d.asset)],
  rules: [registeredBefore("happened")],
});

export const retired = act("asset.retired", {
  clause: "六(五)1",
  by: ["primary-operator"],
  data: { asset: id, reason: text, document: optional(document) },
  about: (d) => [asset(d.asset)],
  rules: [registeredBefore("recorded")],
  on: itsRecord,
  withdrawal: "barred",
});

export const types = [registered, checked, retired];
