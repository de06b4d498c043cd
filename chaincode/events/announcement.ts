/** announcement 公告: what is to be authorised, on which conditions, by when. Clause 六(一)1. */
import { day, document, id, list, optional, text, type Withheld } from "./schema";
import { endOfDay, startOfDay } from "./time";
import { recordIn, type Stepped, stands } from "./steps";
import { act, rule, type Subject, table, type World } from "./definition";

/** What an announcement has to say (授权范围、申报条件、评审标准、申报时限), and the materials that it adds to those of the plan. */
const content = {
  scope: optional(text),
  conditions: optional(text),
  criteria: optional(text),
  opens: optional(day),
  closes: optional(day),
  materials: optional(list(id)),
};
type Text = string | Withheld;
interface Content {
  readonly scope?: Text;
  readonly conditions?: Text;
  readonly criteria?: Text;
  readonly opens?: string;
  readonly closes?: string;
  readonly materials?: readonly string[];
}

export interface Announcement extends Stepped, Content {}

export const announcements = table<Announcement>("announcement");

export const announcement = (id: string): Subject => ({ kind: "announcement", id });

interface Named {
  readonly data: { readonly announcement: string };
}

const about = (d: Named["data"]): readonly Subject[] => [announcement(d.announcement)];
const itsRecord = recordIn(announcements, (d: Named["data"]) => d.announcement);

const DEMANDED = ["scope", "conditions", "criteria", "opens", "closes"] as const;

/** What it says together with what it said before; a window that closes before it opens is none. */
const complete = rule("announcement-incomplete", ({ data }: { data: Named["data"] & Content }, world) => {
  const whole = { ...world.get(announcements, data.announcement), ...data };
  const isOrdered = whole.opens === undefined || whole.closes === undefined || whole.opens <= whole.closes;
  return [...DEMANDED.filter((name) => whole[name] === undefined), ...(isOrdered ? [] : ["closes"])];
});

/** What the ledger needs of an announcement later. */
const keep = ({ scope, conditions, criteria, opens, closes, materials }: Content): Content =>
  Object.fromEntries(Object.entries({ scope, conditions, criteria, opens, closes, materials }).filter(([, value]) => value !== undefined));

const notPublishedTwice = rule(
  "announcement-exists",
  ({ data }: Named, world) => world.get(announcements, data.announcement) !== undefined,
);

export const published = act("announcement.published", {
  clause: "六(一)1",
  by: ["authority"],
  data: { announcement: id, name: text, document, ...content },
  about,
  rules: [notPublishedTwice, complete],
  effects: ({ data }, world) => world.put(announcements, data.announcement, { ...keep(data), steps: {} }),
  on: itsRecord,
});

/** It was published, and its publication stands. */
export const announcementKnown = rule("announcement-unknown", ({ data, recorded }: Named & { recorded: number }, world) => {
  return !stands(world.get(announcements, data.announcement), "published", recorded);
});

/** Once it is over, by one of these steps, nothing about it changes any more. */
const notOver = (...ends: readonly string[]) =>
  rule("outside-window", ({ data, recorded }: Named & { recorded: number }, world) =>
    ends.some((step) => stands(world.get(announcements, data.announcement), step, recorded)),
  );

export const amended = act("announcement.amended", {
  clause: "六(一)1",
  by: ["authority"],
  data: { announcement: id, document, reason: text, ...content },
  about,
  rules: [announcementKnown, notOver("closed", "failed"), complete],
  effects: ({ data }, world) => {
    const known = world.get(announcements, data.announcement);
    if (known) world.put(announcements, data.announcement, { ...known, ...keep(data) });
  },
  on: itsRecord,
});

export const closed = act("announcement.closed", {
  clause: "六(一)1",
  by: ["authority"],
  data: { announcement: id, document: optional(document) },
  about,
  rules: [announcementKnown, notOver("closed", "failed")],
  on: itsRecord,
});

/** Nobody was chosen (流标); also after it was closed. */
export const failed = act("announcement.failed", {
  clause: "六(一)1",
  by: ["authority"],
  data: { announcement: id, reason: text, document: optional(document) },
  about,
  rules: [announcementKnown, notOver("failed")],
  on: itsRecord,
});

/** Whether applications are taken at a time: from the first day through the last, unless it was over before. */
export function isOpen(world: World, id: string, at: number): boolean {
  const { opens, closes, ...known } = world.get(announcements, id) ?? { steps: {} };
  if (opens === undefined || closes === undefined || stands(known, "closed", at) || stands(known, "failed", at)) return false;
  return startOfDay(opens) <= at && at < endOfDay(closes);
}

export const types = [published, amended, closed, failed];
