/** How an event type is written down: once, as its row in the rules. */
import type { Form, Holding } from "../proof/holdings-page";
import type { Inventory } from "../proof/inventory";
import type { RuleCode } from "./codes";
import { leave, type RecordOf } from "./steps";
import { type Data, type Fields, type JsonSchema, object } from "./schema";

/**
 * An act (办理事项) takes effect by being recorded and is refused when it breaks a rule.
 * A fact (行为记录) already happened: it is always recorded, with findings (疑似问题) where it broke one.
 */
export type Kind = "act" | "fact";

/** What an event can be about; for each the ledger keeps a chain, so that its history can be shown to be complete. */
export const SUBJECT_KINDS = [
  "party",
  "resource",
  "authorization",
  "scenario",
  "product",
  "announcement",
  "application",
  "developer",
  "environment",
  "asset",
  "incident",
  "finding",
  "complaint",
  "exit",
  "calendar",
  "rulebook",
  "journal",
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
}

/** Roles of parties (主体). Clauses 四, 七, 附件1. */
export const ROLES = [
  "authority",
  "implementing-agency",
  "government",
  "primary-operator",
  "developer",
  "source",
  "sector-authority",
  "supervisor",
  "assessor",
  "province-authority",
  "province-platform",
  "platform",
  "public",
] as const;
export type Role = (typeof ROLES)[number];

/** An event as rules and effects see it. */
export interface LedgerEvent<D> {
  readonly id: string;
  readonly source: string;
  readonly type: EventType;
  /** By which others speak of it: `MSPID/journal/index`. */
  readonly place: string;
  readonly party: string;
  readonly data: D;
  /** When it happened, as reported: milliseconds since 1970. Facts are judged by what was in force then. */
  readonly happened: number;
  /** When the gateway took it in, as it says: RFC 3339. */
  readonly taken: string;
  /** When the ledger records it: the transaction's time, milliseconds since 1970. Acts take effect then. */
  readonly recorded: number;
}

/** A table of the world state: what rules need to know of the world, one row a key. */
export interface Table<R> {
  readonly name: string;
  /** Never present; carries the type. */
  readonly type?: R;
}
export const table = <R>(name: string): Table<R> => ({ name });

/** Of holdings: those that are neither cleared nor lawfully retained, those that are retained, and of these the ones that are logs. */
export interface HoldingsCount {
  readonly outstanding: number;
  readonly retained: number;
  readonly logs: number;
}

/** Of what was ever accounted for (deleted, transferred or retained): how many, and when the last, milliseconds since 1970. What was struck is none of it. */
export interface Settled {
  readonly count: number;
  readonly last: number;
}

/**
 * By whose declaration something is held: developers do not say when the operator under whom they developed is done. What they declare after the
 * inventory was frozen has to be deleted, and counts in their own exits.
 */
export type Whose = "developers" | "others";

/** Part of what is held under an authorization: what was declared under a scenario, by these parties alone where they are named (a developer, by all its codes), or for a product. */
export type HoldingsPart =
  | { readonly scenario: string; readonly parties?: readonly string[] | undefined }
  | { readonly product: string; readonly parties?: readonly string[] | undefined };

/** What the ledger found in an event. */
export interface Found {
  /** Credit code of the party that reported; absent where it could not be judged. */
  readonly party?: string;
  readonly codes: readonly string[];
}

/** What a rule may ask. Synchronous: the contract loads what is missing and judges again. */
export interface World {
  get<R>(table: Table<R>, id: string): R | undefined;
  /** The holding (留存数据) of that name, if the authorization has one: outstanding, or lawfully retained until a day. */
  holding(authorization: string, name: string): Holding | undefined;
  /** Whether a holding of that name was there and is cleared. */
  isCleared(authorization: string, name: string): boolean;
  /** How many holdings of an authorization, or of a part of it, there are, in all journals. */
  holdings(authorization: string, part?: HoldingsPart): HoldingsCount;
  /** How many of the same were ever accounted for. @param late with what developers declared after the last freeze of an inventory */
  settled(authorization: string, part: HoldingsPart | undefined, late: boolean): Settled;
  /** Count and root of the same, from every slot: only for what is asked seldom. */
  inventory(authorization: string, part?: HoldingsPart): Inventory;
  /** What an earlier event, named by its place, was found to break, and whose it was; undefined where nothing was found. */
  found(place: string): Found | undefined;
  /** The organisation that speaks for parties of this role. */
  host(role: Role): string | undefined;
  /** Every row of a table: only for what is asked seldom. */
  all<R>(table: Table<R>): readonly R[];
}

/** What an effect may do. It runs only if the event is recorded without being refused or quarantined. */
export interface Effects extends World {
  put<R>(table: Table<R>, id: string, row: R): void;
  /** Clears the slot of a deleted holding. Nothing happens unless name and digest agree. */
  clear(authorization: string, name: string, digest: string, whose: Whose): void;
  /** Clears the slot of a holding declared by mistake; the digest may be the mistake. */
  strike(authorization: string, name: string): void;
  /** Says of which product a holding is that was declared for none. */
  attribute(authorization: string, name: string, product: string): void;
  /** What is declared under an authorization from now on comes after a frozen inventory. */
  freeze(authorization: string): void;
  /** Marks the slot of a holding as lawfully kept until a day. Nothing happens unless name and digest agree. */
  retain(authorization: string, name: string, digest: string, until: string, whose: Whose): void;
}

/** A rule: what is said when it is broken, and how to tell. */
export interface Rule<D = never> {
  readonly code: RuleCode;
  /** True or a list of what is missing: the event breaks the rule. False or an empty list: it keeps it. */
  readonly broken: (event: LedgerEvent<D>, world: World) => boolean | readonly string[];
}
export const rule = <D>(code: RuleCode, broken: Rule<D>["broken"]): Rule<D> => ({ code, broken });

/** Data that someone now holds (留存数据), as an event declares it, and under what. */
export interface HoldingDeclaration {
  readonly authorization: string;
  readonly scenario?: string | undefined;
  readonly product?: string | undefined;
  readonly holdings: readonly { readonly digest: string; readonly form: Form; readonly platform: "on" | "off" }[];
}

/** W3C PROV: an activity that used and generated entities. Holdings that the event declares are generated by it and not repeated here. */
export interface Activity {
  readonly activity: string;
  readonly used: readonly Entity[];
  readonly generated?: readonly Entity[];
}
export interface Entity {
  readonly kind: "resource" | "product" | "holding";
  readonly id: string;
}

interface Definition<F extends Fields> {
  /** Clause of the plan that asks for it; none where it is ours. */
  readonly clause?: string;
  readonly by: readonly Role[];
  readonly data: F;
  readonly about: (data: Data<F>) => readonly Subject[];
  readonly rules?: readonly Rule<Data<F>>[];
  readonly effects?: (event: LedgerEvent<Data<F>>, world: Effects) => void;
  /** Of an act: on which record it leaves its mark, after its effects, and which steps it ends there; see `steps.ts`. */
  readonly on?: RecordOf<Data<F>>;
  readonly ends?: readonly string[];
  /**
   * Of an act that leaves a mark: when its withdrawal (撤回) is refused. Steps: while one of them, which rely on it, stands on the same record.
   * `free`: never. `barred`: always, since only a counter-act undoes it. Where nothing is said: `barred` for an act that did more than leave its
   * mark, else `free`.
   */
  readonly withdrawal?: readonly string[] | "free" | "barred";
  /** What an act came to, where it can come to different things; stands in its mark. */
  readonly result?: (data: Data<F>, world: World) => string;
  /** Holdings that this event declares, in the order of their ordinals: as it says without a world, with one as the ledger counts them. */
  readonly declares?: (data: Data<F>, world?: World) => HoldingDeclaration;
  /** Holdings that this event names; the gateway adds each one's slot beside the leaf. */
  readonly names?: (data: Data<F>) => { readonly authorization: string; readonly holdings: readonly string[] };
  readonly provenance?: (data: Data<F>) => Activity | undefined;
}

/** An event type with its data's type forgotten: what the contract, the gateway and the documents work with. */
export interface EventType {
  readonly type: string;
  readonly family: string;
  readonly kind: Kind;
  readonly clause?: string;
  readonly by: readonly Role[];
  /** JSON Schema of `data`. */
  readonly schema: JsonSchema;
  readonly rules: readonly Rule<unknown>[];
  readonly about: (data: unknown) => readonly Subject[];
  /** Of an act that leaves a mark: on records of which table, as which step, and which later steps bar its withdrawal. */
  readonly mark?: { readonly table: string; readonly step: string; readonly barred: readonly string[] | "always" };
  readonly effects: (event: LedgerEvent<unknown>, world: Effects) => void;
  readonly declares: (data: unknown, world?: World) => HoldingDeclaration | undefined;
  readonly names: (data: unknown) => { readonly authorization: string; readonly holdings: readonly string[] } | undefined;
  readonly provenance: (data: unknown) => Activity | undefined;
}

const define =
  (kind: Kind) =>
  <F extends Fields>(name: string, row: Definition<F>): EventType => {
    // The one place where the type of the data is forgotten: the schema has been checked before any of these functions is called.
    const untyped = row as unknown as Definition<Fields> & { rules?: readonly Rule<unknown>[] };
    const nothing = (): undefined => undefined;
    const effects = (untyped.effects ?? nothing) as EventType["effects"];
    const on = untyped.on as RecordOf<unknown> | undefined;
    const result = untyped.result as ((data: unknown, world: World) => string) | undefined;
    const step = name.slice(name.indexOf(".") + 1);
    return {
      type: `suyuan.${name}`,
      family: name.slice(0, name.indexOf(".")),
      kind,
      ...(row.clause === undefined ? {} : { clause: row.clause }),
      by: row.by,
      schema: object(row.data),
      rules: untyped.rules ?? [],
      about: untyped.about as EventType["about"],
      ...(on === undefined ? {} : { mark: { table: on.table, step, barred: barredBy(untyped) } }),
      effects: (event, world) => {
        effects(event, world);
        if (on !== undefined) leave({ on, step, ends: row.ends ?? [], result }, event, world);
      },
      declares: (untyped.declares ?? nothing) as EventType["declares"],
      names: (untyped.names ?? nothing) as EventType["names"],
      provenance: (untyped.provenance ?? nothing) as EventType["provenance"],
    };
  };

function barredBy({ withdrawal, effects, ends }: Definition<Fields>): readonly string[] | "always" {
  const how = withdrawal ?? (effects === undefined && ends === undefined ? "free" : "barred");
  if (how === "barred") return "always";
  return how === "free" ? [] : how;
}

export const act = define("act");
export const fact = define("fact");

export const party = (id: string): Subject => ({ kind: "party", id });
export const resource = (id: string): Subject & Entity => ({ kind: "resource", id });
export const authorization = (id: string): Subject => ({ kind: "authorization", id });
export const scenario = (id: string): Subject => ({ kind: "scenario", id });
export const product = (id: string): Subject & Entity => ({ kind: "product", id });
export const holding = (id: string): Entity => ({ kind: "holding", id });
