/**
 * The words for what the ledger says: of events, fields, rules and errors, in Chinese and English. They stand beside the vocabulary in
 * `*.labels.json`, which the contract does not import. Problem documents, OpenAPI, the reference and the command line take them from here.
 */
import account from "../chaincode/events/account.labels.json";
import announcement from "../chaincode/events/announcement.labels.json";
import application from "../chaincode/events/application.labels.json";
import asset from "../chaincode/events/asset.labels.json";
import authorization from "../chaincode/events/authorization.labels.json";
import calendar from "../chaincode/events/calendar.labels.json";
import common from "../chaincode/events/common.labels.json";
import complaint from "../chaincode/events/complaint.labels.json";
import correction from "../chaincode/events/correction.labels.json";
import data from "../chaincode/events/data.labels.json";
import developer from "../chaincode/events/developer.labels.json";
import environment from "../chaincode/events/environment.labels.json";
import exit from "../chaincode/events/exit.labels.json";
import finding from "../chaincode/events/finding.labels.json";
import holding from "../chaincode/events/holding.labels.json";
import interconnect from "../chaincode/events/interconnect.labels.json";
import journal from "../chaincode/events/journal.labels.json";
import party from "../chaincode/events/party.labels.json";
import price from "../chaincode/events/price.labels.json";
import product from "../chaincode/events/product.labels.json";
import resource from "../chaincode/events/resource.labels.json";
import rulebook from "../chaincode/events/rulebook.labels.json";
import scenario from "../chaincode/events/scenario.labels.json";
import security from "../chaincode/events/security.labels.json";
import supervision from "../chaincode/events/supervision.labels.json";
import type { Kind, Role, SubjectKind } from "../chaincode/events/definition";

export interface Label {
  readonly zh: string;
  readonly en: string;
}

/** Words for a code, and what to do about it. */
export interface CodeLabel extends Label {
  readonly next: Label;
}

type Labels<L = Label> = Readonly<Record<string, L>>;

/** What a `<family>.labels.json` holds. */
export interface FamilyLabels {
  readonly family: Label;
  readonly events: Labels;
  readonly fields: Labels;
  /** Of fields that take one of a few values: by field, then by value. */
  readonly values?: Labels<Labels>;
  /** Each code once, in the family that says what it is about, though others use it. */
  readonly rules: Labels<CodeLabel>;
}

export const families: Readonly<Record<string, FamilyLabels>> = {
  rulebook,
  calendar,
  party,
  resource,
  announcement,
  application,
  authorization,
  scenario,
  developer,
  environment,
  data,
  holding,
  product,
  price,
  account,
  asset,
  security,
  supervision,
  interconnect,
  finding,
  complaint,
  exit,
  correction,
  journal,
};

const events = new Map(Object.values(families).flatMap((family) => Object.entries(family.events)));
const rules = new Map<string, CodeLabel>([common, ...Object.values(families)].flatMap((family) => Object.entries(family.rules)));

/** @param type `suyuan.data.pulled` */
export const eventLabel = (type: string): Label | undefined => events.get(type);

/** Of a refusal or a finding; undefined for a code that this version does not know. */
export const ruleLabel = (code: string): CodeLabel | undefined => rules.get(code);

/** Every code that a refusal or a finding can have, those included that judge no event alone (`quarantined`, `conflicting-report`). */
export const ruleCodes: readonly string[] = [...rules.keys()];

/** Of a field of an event's data, at whatever depth: the family's word, else the one that all families share. */
export const fieldLabel = (family: string, field: string): Label | undefined =>
  of(families[family]?.fields, field) ?? of(common.fields, field);

/** Of one of the values that a field can take. */
export const valueLabel = (family: string, field: string, value: string): Label | undefined =>
  of(of(SHARED_VALUES, field) ?? of(families[family]?.values, field), value);

/** What all families call alike, by field. */
const SHARED_VALUES: Labels<Labels> = { roles: common.roles, subjectKind: common.subjects };

/** Of an attribute of every event: `party`, `recordedtime`. */
export const attributeLabel = (name: string): Label | undefined => of(common.attributes, name);

export const kindLabel = (kind: Kind): Label => common.kinds[kind];
export const roleLabel = (role: Role): Label => common.roles[role];
export const subjectLabel = (kind: SubjectKind): Label => common.subjects[kind];

function of<T>(labels: Labels<T> | undefined, name: string): T | undefined {
  return labels !== undefined && Object.hasOwn(labels, name) ? labels[name] : undefined;
}
